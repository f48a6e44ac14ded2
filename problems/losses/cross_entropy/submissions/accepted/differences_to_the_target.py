"""The logit of the target is subtracted from its row first: what remains is one logsumexp."""

import torch


def cross_entropy_loss(logits, targets):
    distances = logits - torch.gather(logits, dim=1, index=targets.view(-1, 1))
    return torch.logsumexp(distances, dim=1).mean()
