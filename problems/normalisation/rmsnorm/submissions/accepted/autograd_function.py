"""A custom autograd.Function with its own backward."""

import torch


class RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, eps):
        wide = x if x.dtype == torch.float64 else x.float()
        rms = torch.sqrt((wide**2).mean(dim=-1, keepdim=True) + eps)
        normalised = wide / rms
        ctx.save_for_backward(normalised, weight, rms)
        return (normalised * weight).to(x.dtype)

    @staticmethod
    def backward(ctx, above):
        normalised, weight, rms = ctx.saved_tensors
        to_weight = (above * normalised).reshape(-1, weight.shape[0]).sum(dim=0)
        to_normalised = above * weight
        to_x = (to_normalised - normalised * (to_normalised * normalised).mean(dim=-1, keepdim=True)) / rms
        return to_x, to_weight, None


def rms_norm(x, weight, eps=1e-6):
    return RMSNorm.apply(x, weight, eps)
