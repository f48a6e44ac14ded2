"""You call the operator beneath the built-in GELU. The rule holds for every route."""

import torch


def my_gelu(x):
    return torch.ops.aten.gelu.default(x)
