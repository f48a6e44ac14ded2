def rms_norm(x, weight, eps=1e-6):
    """RMS normalisation over the last dimension.

    x: (*, D), any number of dimensions from one on. weight: (D,).
    Returns a tensor of the shape and dtype of x.
    """
    raise NotImplementedError
