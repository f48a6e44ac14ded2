"""Everything by hand: the maximum as a constant, exp, sum, log."""

import torch


def cross_entropy_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    B = logits.shape[0]
    shifted = logits - logits.detach().amax(dim=1, keepdim=True)
    exps = torch.exp(shifted)
    log_p = shifted - torch.log(exps.sum(dim=1, keepdim=True))
    return -log_p[torch.arange(B), targets].sum() / B
