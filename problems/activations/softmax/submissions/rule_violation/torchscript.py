"""You compile a call of the built-in softmax with TorchScript. It runs the same operator."""

import torch
import torch.nn.functional as F


@torch.jit.script
def scripted(x: torch.Tensor, dim: int):
    return F.softmax(x, dim)


def my_softmax(x, dim=-1):
    return scripted(x, dim)
