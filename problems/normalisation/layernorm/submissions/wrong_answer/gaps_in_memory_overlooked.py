"""You read gamma and beta as if their numbers lay side by side in memory. A column of a larger tensor has gaps,
and you read what lies in them.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    gamma, beta = (each.as_strided(each.shape, (1,)) for each in (gamma, beta))
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
