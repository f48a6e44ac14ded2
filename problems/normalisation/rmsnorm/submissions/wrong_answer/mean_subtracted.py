"""You subtract the mean and divide by the standard deviation: that is layer normalisation. RMS normalisation
leaves the mean where it is, and pretrained weights expect it there.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean = wide.mean(dim=-1, keepdim=True)
    var = ((wide - mean) ** 2).mean(dim=-1, keepdim=True)
    return ((wide - mean) / torch.sqrt(var + eps) * weight).to(x.dtype)
