"""You call the method softmax of x. It is the built-in softmax."""


def my_softmax(x, dim=-1):
    return x.softmax(dim)
