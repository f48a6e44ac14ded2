"""You write zeros into x itself. PyTorch refuses that for a leaf that requires a gradient."""


def relu(x):
    x[x < 0] = 0
    return x
