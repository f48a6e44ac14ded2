"""`torch.normal` writes where `out` says."""

import torch


@torch.no_grad()
def kaiming_init(weight: torch.Tensor) -> torch.Tensor:
    std = (2.0 / weight.shape[-1]) ** 0.5
    torch.normal(0.0, std, size=tuple(weight.shape), out=weight.detach())
    return weight
