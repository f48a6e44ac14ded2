"""You average over the last two dimensions as soon as there are three. Positions of a sequence then share one
root mean square, and a longer prompt changes the first token.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    dims = (-2, -1) if x.dim() > 2 else (-1,)
    mean_square = (wide**2).mean(dim=dims, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
