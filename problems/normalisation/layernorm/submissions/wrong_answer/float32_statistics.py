"""You write the statistics into tensors that torch.zeros creates in float32. For float64 inputs they are rounded,
although the result is float64 again.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = torch.zeros(*x.shape[:-1], 1) + x.mean(dim=-1, keepdim=True).float()
    var = torch.zeros(*x.shape[:-1], 1) + x.var(dim=-1, unbiased=False, keepdim=True).float()
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
