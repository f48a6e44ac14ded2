def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    """Group normalisation of a batch.

    x: (N, C, H, W). gamma, beta: (C,).
    Returns a tensor of the shape and dtype of x.
    Raises a clear error where C is not divisible by num_groups.
    """
    raise NotImplementedError
