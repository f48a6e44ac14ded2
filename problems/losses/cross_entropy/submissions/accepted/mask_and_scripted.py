"""Compiled with TorchScript; the targets as a mask, the mean as a product of matrices."""

import torch


@torch.jit.script
def scripted(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    is_target = targets.unsqueeze(1) == torch.arange(logits.size(1)).unsqueeze(0)
    at_target = torch.where(is_target, logits, torch.zeros_like(logits)).sum(1)
    losses = torch.logsumexp(logits, [1]) - at_target
    return torch.dot(losses, torch.full_like(losses, 1.0 / losses.numel()))


def cross_entropy_loss(logits, targets):
    return scripted(logits, targets)
