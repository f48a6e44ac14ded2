"""Your function takes the targets first. The logits come first, as in PyTorch."""

import torch


def cross_entropy_loss(targets, logits):
    log_p = torch.log_softmax(logits, dim=1)
    return -log_p[torch.arange(len(targets)), targets].mean()
