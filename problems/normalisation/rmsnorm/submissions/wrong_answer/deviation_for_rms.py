"""You divide by the standard deviation, which measures the distance from the mean. The root mean square
measures the distance from zero; the two agree only for vectors whose mean is 0, such as fresh random numbers.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    var = wide.var(dim=-1, unbiased=False, keepdim=True)
    return (wide / torch.sqrt(var + eps) * weight).to(x.dtype)
