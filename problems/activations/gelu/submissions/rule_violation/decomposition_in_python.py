"""You call the Python form of the operator that PyTorch ships for its compiler. It is still the built-in GELU."""

import torch._refs.nn.functional as refs


def my_gelu(x):
    return refs.gelu(x)
