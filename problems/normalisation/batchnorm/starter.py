def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    """Batch normalisation of a mini-batch.

    x: (N, D). gamma, beta, running_mean, running_var: (D,).
    Returns a tensor of the shape and dtype of x. In training it also updates
    running_mean and running_var in place; at inference it leaves them as they are.
    """
    raise NotImplementedError
