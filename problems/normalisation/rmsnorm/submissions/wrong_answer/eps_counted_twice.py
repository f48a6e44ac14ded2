"""You add eps to the mean square and once more to the root. Either would keep the division safe, but the
formula has it in one place only.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / (torch.sqrt(mean_square + eps) + eps) * weight).to(x.dtype)
