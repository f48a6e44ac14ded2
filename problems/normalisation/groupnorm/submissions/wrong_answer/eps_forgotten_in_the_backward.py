"""Your backward by hand divides by the standard deviation without eps. For ordinary groups nobody notices; for
groups that hardly vary the gradient is far too large.
"""

import torch


class GroupNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, num_groups, gamma, beta, eps):
        groups = x.reshape(x.shape[0], num_groups, -1)
        mean = groups.mean(dim=-1, keepdim=True)
        var = ((groups - mean) ** 2).mean(dim=-1, keepdim=True)
        std = torch.sqrt(var + eps)
        normalised = (groups - mean) / std
        ctx.save_for_backward(normalised, gamma, torch.sqrt(var))
        ctx.shape = (1, -1) + (1,) * (x.dim() - 2)
        return normalised.reshape(x.shape) * gamma.reshape(ctx.shape) + beta.reshape(ctx.shape)

    @staticmethod
    def backward(ctx, above):
        normalised, gamma, std = ctx.saved_tensors
        samples, channels = above.shape[:2]
        to_gamma = (above * normalised.reshape(above.shape)).reshape(samples, channels, -1).sum(dim=(0, 2))
        to_beta = above.reshape(samples, channels, -1).sum(dim=(0, 2))
        g = (above * gamma.reshape(ctx.shape)).reshape(normalised.shape)
        mean_g = g.mean(dim=-1, keepdim=True)
        mean_gx = (g * normalised).mean(dim=-1, keepdim=True)
        to_x = (g - mean_g - normalised * mean_gx) / std
        return to_x.reshape(above.shape), None, to_gamma, to_beta, None


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    if x.shape[1] % num_groups != 0:
        raise ValueError(f"{x.shape[1]} channels do not make {num_groups} equal groups")
    return GroupNorm.apply(x, num_groups, gamma, beta, eps)
