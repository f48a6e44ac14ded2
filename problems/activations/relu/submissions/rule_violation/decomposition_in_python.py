"""You call the Python form of the operator that PyTorch ships for its compiler. It is still the built-in ReLU."""

import torch._refs.nn.functional as refs


def relu(x):
    return refs.relu(x)
