"""Compiled with TorchScript; the mask is made of signs."""

import torch


@torch.jit.script
def rectify(x: torch.Tensor) -> torch.Tensor:
    return x * (0.5 + 0.5 * torch.sign(x))


def relu(x):
    return rectify(x)
