def my_layer_norm(x, gamma, beta, eps=1e-5):
    """Layer normalisation over the last dimension.

    x: (..., D), of any rank from 1. gamma, beta: (D,).
    Returns a new tensor of the shape and dtype of x.
    """
    raise NotImplementedError
