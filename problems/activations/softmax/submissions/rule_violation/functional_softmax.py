"""You call F.softmax. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def my_softmax(x, dim=-1):
    return F.softmax(x, dim=dim)
