"""You take the mean first and square it afterwards. Root, mean and square are done from right to left: numbers
of both signs cancel in a mean, their squares do not.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = wide.mean(dim=-1, keepdim=True) ** 2
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
