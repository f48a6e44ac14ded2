"""You square or divide x in place, through .data, to save memory. The residual connection adds the same tensor
later, and gets something else.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    y = (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
    x.data.div_(torch.sqrt(mean_square + eps).detach())
    return y
