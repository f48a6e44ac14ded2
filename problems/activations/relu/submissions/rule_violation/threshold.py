"""You call F.threshold with 0 and 0. It is ReLU with two parameters."""

import torch.nn.functional as F


def relu(x):
    return F.threshold(x, 0.0, 0.0)
