"""Compiled with TorchScript; the sum as a product with the inverse."""

import torch


@torch.jit.script
def scripted(x: torch.Tensor, dim: int) -> torch.Tensor:
    e = torch.exp(x - torch.amax(x, [dim], True))
    return e * torch.reciprocal(torch.sum(e, [dim], True))


def my_softmax(x, dim=-1):
    return scripted(x, dim)
