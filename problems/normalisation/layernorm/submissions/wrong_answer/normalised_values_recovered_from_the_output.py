"""Your backward by hand takes the normalised values back out of the output, (y - beta) / gamma, which saves a tensor of
memory. Where gamma is 0 that is 0 / 0: a branch that starts at zero gets NaN for its first gradient.
"""

import torch


class LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        var, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
        std = torch.sqrt(var + eps)
        x_hat = (x - mean) / std
        y = gamma * x_hat + beta
        ctx.save_for_backward(y, gamma, beta, std)
        return y

    @staticmethod
    def backward(ctx, above):
        y, gamma, beta, std = ctx.saved_tensors
        x_hat = (y - beta) / gamma
        g = gamma * above
        to_x = (g - g.mean(dim=-1, keepdim=True) - x_hat * (g * x_hat).mean(dim=-1, keepdim=True)) / std
        leading = tuple(range(above.dim() - 1))
        to_gamma = (above * x_hat).sum(dim=leading) if leading else above * x_hat
        to_beta = above.sum(dim=leading) if leading else above
        return to_x, to_gamma, to_beta, None


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return LayerNorm.apply(x, gamma, beta, eps)
