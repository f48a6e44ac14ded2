"""You look for the dimension that is as long as the weight and take the first you find. When the batch or the
sequence happens to be as long, it is the wrong one; the statement names the last, always.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    axis = x.shape.index(weight.shape[0])
    mean_square = (wide**2).mean(dim=axis, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
