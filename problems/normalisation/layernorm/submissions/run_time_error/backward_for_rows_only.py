"""Your backward by hand sums the gradients of gamma and beta over dimension 0. For one vector of shape (D,) that is the
dimension of the features, and a single number is left where D are wanted.
"""

import torch


class LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        var, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
        std = torch.sqrt(var + eps)
        x_hat = (x - mean) / std
        ctx.save_for_backward(x_hat, gamma, std)
        return gamma * x_hat + beta

    @staticmethod
    def backward(ctx, above):
        x_hat, gamma, std = ctx.saved_tensors
        g = gamma * above
        to_x = (g - g.mean(dim=-1, keepdim=True) - x_hat * (g * x_hat).mean(dim=-1, keepdim=True)) / std
        to_gamma, to_beta = (above * x_hat).sum(dim=0), above.sum(dim=0)
        return to_x, to_gamma, to_beta, None


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return LayerNorm.apply(x, gamma, beta, eps)
