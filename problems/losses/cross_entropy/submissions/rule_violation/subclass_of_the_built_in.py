"""You inherit from nn.CrossEntropyLoss, which does the work."""

from torch import nn


class Loss(nn.CrossEntropyLoss):
    pass


def cross_entropy_loss(logits, targets):
    return Loss(reduction="sum")(logits, targets) / len(targets)
