"""A call counts the targets of an earlier one as well. Usually the one-hot matrix is kept for batches of the same shape and
is not set to zero before the new targets are written into it.
"""

import torch

KEPT = {}


def cross_entropy_loss(logits, targets):
    one_hot = KEPT.setdefault(logits.shape, torch.zeros(logits.shape, dtype=torch.bool))
    one_hot[torch.arange(len(targets)), targets] = True
    log_p = torch.log_softmax(logits, dim=1)
    return -torch.where(one_hot.clone(), log_p, torch.zeros_like(log_p)).sum(dim=1).mean()
