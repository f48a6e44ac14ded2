"""You compute in float64 to be safe and return it. The next layer then gets another dtype than its weights
have, and fails, or runs at half the speed.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x.double()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    y = wide / torch.sqrt(mean_square + eps) * weight
    return y if x.dtype == torch.float32 else y.to(x.dtype)
