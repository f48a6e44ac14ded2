"""You call F.gelu. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def my_gelu(x):
    return F.gelu(x)
