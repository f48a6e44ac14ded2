"""You unpack the shape into batch, length and classes. The logits have two dimensions here."""

import torch


def cross_entropy_loss(logits, targets):
    batch, length, classes = logits.shape
    log_p = torch.log_softmax(logits.reshape(-1, classes), dim=1)
    return -log_p[torch.arange(batch * length), targets.reshape(-1)].mean()
