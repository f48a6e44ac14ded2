"""You add eps to the variance and then once more under the root. With the default nobody sees it, except for
vectors that hardly vary.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True) + eps
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
