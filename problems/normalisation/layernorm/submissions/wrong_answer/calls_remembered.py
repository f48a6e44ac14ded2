"""You put a cache around the function. A tensor's hash is its identity, so that a second call with the same
tensors returns the first result, whatever is in the tensors by then.
"""

import functools

import torch


@functools.lru_cache(maxsize=None)
def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
