"""You return the mean and the deviation beside the output, as PyTorch's own operator does inside. The caller
expects one tensor.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta, mean, torch.rsqrt(var + eps)
