"""You call the built-in PReLU with a weight of 0. The other activations are forbidden as well."""

import torch
import torch.nn.functional as F


def relu(x):
    return F.prelu(x.reshape(1, -1), torch.zeros(1, dtype=x.dtype)).reshape(x.shape)
