"""A custom autograd.Function with its own backward."""

import torch


class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        top = logits.max(dim=1, keepdim=True).values
        e = torch.exp(logits - top)
        total = e.sum(dim=1, keepdim=True)
        ctx.save_for_backward(e / total, targets)
        picked = torch.take_along_dim(logits, targets[:, None], dim=1)
        return (total.log() + top - picked).mean()

    @staticmethod
    def backward(ctx, above):
        softmax, targets = ctx.saved_tensors
        slope = softmax.clone()
        slope[torch.arange(len(slope)), targets] -= 1
        return above * slope / len(slope), None


def cross_entropy_loss(logits, targets):
    return CrossEntropy.apply(logits, targets)
