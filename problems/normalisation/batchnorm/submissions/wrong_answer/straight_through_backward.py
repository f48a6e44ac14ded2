"""Your backward by hand hands the incoming gradient to x as if the layer only scaled by gamma. Such shortcuts
can train, but this is not the gradient of the layer.
"""

import torch


class BatchNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, mean, var, eps, training):
        std = torch.sqrt(var + eps)
        x_hat = (x - mean) / std
        ctx.save_for_backward(x_hat, gamma, std)
        ctx.training = training
        return gamma * x_hat + beta

    @staticmethod
    def backward(ctx, grad):
        x_hat, gamma, std = ctx.saved_tensors
        grad_hat = grad * gamma
        grad_x = grad_hat
        return grad_x, (grad * x_hat).sum(dim=0), grad.sum(dim=0), None, None, None, None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        var, mean = torch.var_mean(x.detach(), dim=0, unbiased=False)
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var, momentum)
    else:
        mean, var = running_mean, running_var
    return BatchNorm.apply(x, gamma, beta, mean, var, eps, training)
