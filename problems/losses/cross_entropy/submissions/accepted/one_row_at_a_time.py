"""A loop over the rows, in a module that is made for each call."""

import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, logits, targets):
        losses = []
        for row, target in zip(logits, targets.tolist(), strict=True):
            losses.append(torch.logsumexp(row, 0) - row[target])
        return torch.stack(losses).mean()


def cross_entropy_loss(logits, targets):
    return Loss()(logits, targets)
