"""You raise variances below 1e-6 to 1e-6 before you add eps, as one more guard against a division by zero. eps is that
guard already; with yours, vectors that hardly vary come out too small.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True).clamp(min=1e-6)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
