"""You flatten x with view. A view needs memory in the order of the indices, which a transposed input does not
have.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    shape, x = x.shape, x.view(-1, x.shape[-1])
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return (gamma * x_hat + beta).view(shape)
