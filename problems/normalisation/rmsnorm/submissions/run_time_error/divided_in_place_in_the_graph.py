"""You divide x in place. A leaf of the graph that requires gradients refuses that, and so does whoever needs x
later.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    x /= torch.sqrt(mean_square + eps).to(x.dtype)
    return x * weight
