"""You call the built-in leaky ReLU with slope 0. The other activations are forbidden as well."""

import torch.nn.functional as F


def relu(x):
    return F.leaky_relu(x, negative_slope=0.0)
