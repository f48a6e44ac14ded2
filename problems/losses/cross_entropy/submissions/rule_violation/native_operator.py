"""You call the operator behind F.cross_entropy. It is the built-in loss."""

import torch


def cross_entropy_loss(logits, targets):
    return torch.ops.aten.cross_entropy_loss(logits, targets)
