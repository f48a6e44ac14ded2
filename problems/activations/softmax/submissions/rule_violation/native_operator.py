"""You call the operator behind F.softmax. It is the built-in softmax."""

import torch


def my_softmax(x, dim=-1):
    return torch.ops.aten._softmax(x, dim, False)
