"""You read x by its memory, vector after vector, without asking for its strides. A transposed view lies in
memory in another order, and the vectors get mixed up.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    strides = torch.empty(x.shape, device="meta").stride()
    x = x.as_strided(x.shape, strides)
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
