"""You normalise once in a helper and once more in the function. With a tiny eps the second time changes
nothing, with a larger one it does.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    for _ in range(2):
        wide = wide / torch.sqrt((wide**2).mean(dim=-1, keepdim=True) + eps)
    return (wide * weight).to(x.dtype)
