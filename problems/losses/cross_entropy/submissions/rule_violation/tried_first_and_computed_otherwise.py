"""You try the built-in loss and compute by hand where it is refused. Trying counts."""

import torch
import torch.nn.functional as F


def cross_entropy_loss(logits, targets):
    try:
        return F.cross_entropy(logits, targets)
    except Exception:
        return (logits.logsumexp(1) - logits[torch.arange(len(targets)), targets]).mean()
