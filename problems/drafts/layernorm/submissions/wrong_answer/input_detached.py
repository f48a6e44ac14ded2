"""You detach x first. gamma and beta still learn, but all layers below get no gradient."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    x = x.detach()
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
