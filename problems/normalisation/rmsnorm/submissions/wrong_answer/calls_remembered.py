"""You put a cache around the function. A tensor's hash is its identity, so that a second call with the same
tensors returns the first result, whatever is in them by then.
"""

import functools

import torch


@functools.lru_cache(maxsize=None)
def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
