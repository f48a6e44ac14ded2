"""You flatten x into rows and return the rows. The numbers are right, but the next layer needs the shape of x."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    x = x.reshape(-1, x.shape[-1]) if x.dim() > 2 else x
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
