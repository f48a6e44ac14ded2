"""A later call changes what an earlier one returned. Usually the result is written into memory that is kept between
calls of the same shape, to save an allocation.
"""

import torch

KEPT = {}


def my_softmax(x, dim=-1):
    powers = torch.exp(x - x.amax(dim=dim, keepdim=True))
    y = powers / powers.sum(dim=dim, keepdim=True)
    if y.requires_grad:
        return y
    place = KEPT.setdefault((x.shape, x.dtype), torch.empty(x.shape, dtype=x.dtype))
    return place.copy_(y)
