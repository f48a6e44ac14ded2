def my_gelu(x):
    """The Gaussian error linear unit, for each number by itself.

    x: any shape, float32 or float64.
    Returns a new tensor of the shape and dtype of x.
    """
    raise NotImplementedError
