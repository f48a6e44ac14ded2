"""A backward by hand, in PyTorch: two means for x, sums over all positions for gamma and beta."""

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
        leading = tuple(range(above.dim() - 1))
        g = gamma * above
        to_x = (g - g.mean(dim=-1, keepdim=True) - x_hat * (g * x_hat).mean(dim=-1, keepdim=True)) / std
        to_gamma = (above * x_hat).sum(dim=leading) if leading else above * x_hat
        to_beta = above.sum(dim=leading) if leading else above.clone()
        return to_x, to_gamma, to_beta, None


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return LayerNorm.apply(x, gamma, beta, eps)
