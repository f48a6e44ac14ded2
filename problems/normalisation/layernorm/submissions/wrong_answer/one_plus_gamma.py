"""You scale by 1 + gamma, as some models store their weights. Here gamma is the scale itself."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return (1 + gamma) * x_hat + beta
