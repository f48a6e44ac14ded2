"""You return float32 whatever came in. A float64 model is then computed in float32 from this layer on."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return (gamma * x_hat + beta).float()
