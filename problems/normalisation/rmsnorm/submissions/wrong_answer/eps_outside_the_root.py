"""You add eps after the root has been taken. For eps of a millionth the two differ by a factor of a thousand
beneath it, and vectors of small numbers show it.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / (torch.sqrt(mean_square) + eps) * weight).to(x.dtype)
