"""You subtract the maximum in place. A leaf of the graph that requires gradients refuses that, and where it does not, the
caller's logits have changed.
"""

import torch


def cross_entropy_loss(logits, targets):
    logits -= logits.amax(dim=1, keepdim=True)
    return (logits.exp().sum(dim=1).log() - logits[torch.arange(len(targets)), targets]).mean()
