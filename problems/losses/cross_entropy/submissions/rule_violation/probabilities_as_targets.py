"""You pass one-hot rows to F.cross_entropy. With probabilities as targets it is the built-in too."""

import torch.nn.functional as F


def cross_entropy_loss(logits, targets):
    return F.cross_entropy(logits, F.one_hot(targets, logits.shape[1]).to(logits.dtype))
