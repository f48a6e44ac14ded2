"""You call the Python form of the operator that PyTorch ships for its compiler. It is still the built-in softmax."""

from torch._decomp import decompositions


def my_softmax(x, dim=-1):
    return decompositions._softmax(x, dim, False)
