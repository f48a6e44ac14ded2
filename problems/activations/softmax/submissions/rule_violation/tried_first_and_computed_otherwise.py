"""You try the built-in softmax and compute by hand where it is refused. Trying counts."""

import torch


def my_softmax(x, dim=-1):
    try:
        return torch.softmax(x, dim)
    except Exception:
        powers = torch.exp(x - x.amax(dim=dim, keepdim=True))
        return powers / powers.sum(dim=dim, keepdim=True)
