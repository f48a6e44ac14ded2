"""You call F.relu. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def relu(x):
    return F.relu(x)
