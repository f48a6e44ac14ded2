"""You treat all short dtypes as float16 and return that. A bfloat16 number may be far larger than any of
float16, and the layers around expect its dtype back.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    y = wide / torch.sqrt(mean_square + eps) * weight
    return y.half() if x.element_size() == 2 else y.to(x.dtype)
