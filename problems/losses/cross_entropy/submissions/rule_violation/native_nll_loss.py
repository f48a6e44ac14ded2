"""You call the operator behind F.nll_loss. It picks and averages by itself."""

import torch


def cross_entropy_loss(logits, targets):
    return torch.ops.aten.nll_loss_forward(torch.log_softmax(logits, 1), targets, None, 1, -100)[0]
