"""You compile a call of the built-in layer norm with TorchScript. It runs the same operator."""

import torch
import torch.nn.functional as F


@torch.jit.script
def scripted(x: torch.Tensor, size: int, eps: float):
    return F.layer_norm(x, [size], eps=eps)


def rms_norm(x, weight, eps=1e-6):
    return scripted(torch.cat([x, -x], dim=-1), 2 * x.shape[-1], eps)[..., : x.shape[-1]] * weight
