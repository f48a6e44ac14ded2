"""You detach x first, so that no gradient reaches the layers below. The weight still learns, and the loss still
falls a little, which hides it.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x.detach() if x.dtype == torch.float64 else x.detach().float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
