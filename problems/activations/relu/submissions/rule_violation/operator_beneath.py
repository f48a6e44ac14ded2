"""You call the operator beneath the built-in ReLU. The rule holds for every route."""

import torch


def relu(x):
    return torch.ops.aten.relu.default(x)
