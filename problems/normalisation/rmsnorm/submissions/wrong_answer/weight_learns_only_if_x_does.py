"""You record a graph only if x requires gradients. In the first layer of a network x is data and requires none, but the weight
still has to learn.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    with torch.set_grad_enabled(torch.is_grad_enabled() and x.requires_grad):
        wide = x if x.dtype == torch.float64 else x.float()
        mean_square = (wide**2).mean(dim=-1, keepdim=True)
        return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
