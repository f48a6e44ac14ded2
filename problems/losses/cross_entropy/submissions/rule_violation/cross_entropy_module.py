"""You use nn.CrossEntropyLoss. It calls the built-in cross_entropy."""

from torch import nn


def cross_entropy_loss(logits, targets):
    return nn.CrossEntropyLoss()(logits, targets)
