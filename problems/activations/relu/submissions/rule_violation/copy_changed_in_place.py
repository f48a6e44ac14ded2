"""You let the built-in ReLU change a copy in place. It is the same operator with an underscore."""

import torch


def relu(x):
    return torch.relu_(x.clone())
