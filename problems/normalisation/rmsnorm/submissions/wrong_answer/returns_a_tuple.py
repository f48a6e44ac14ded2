"""You return the root mean square beside the result. The caller expects one tensor."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    rms = torch.sqrt(mean_square + eps)
    return (wide / rms * weight).to(x.dtype), rms
