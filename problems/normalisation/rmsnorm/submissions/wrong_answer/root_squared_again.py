"""You square the root mean square again before you add eps. The values are the same, but the root of 0 has an
infinite slope, and the gradient at a vector of zeros is nan.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    rms = torch.sqrt((wide**2).mean(dim=-1, keepdim=True))
    return (wide / torch.sqrt(rms**2 + eps) * weight).to(x.dtype)
