"""You keep one output tensor per shape and fill it again at every call, to save allocations. Results that were
returned earlier change under their owner's hands.
"""

import torch

_buffers = {}


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    y = (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
    if y.requires_grad:
        return y
    return _buffers.setdefault((y.shape, y.dtype), torch.empty_like(y)).copy_(y)
