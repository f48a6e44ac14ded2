"""Compiled with TorchScript; the inverse root as an exponential of a logarithm."""

import torch


@torch.jit.script
def scripted(x: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    wide = x
    if x.dtype != torch.float64:
        wide = x.to(torch.float32)
    mean_square = (wide * wide).sum(-1, keepdim=True) / x.size(-1)
    return (wide * torch.exp(-0.5 * torch.log(mean_square + eps)) * weight).to(x.dtype)


def rms_norm(x, weight, eps=1e-6):
    return scripted(x, weight, float(eps))
