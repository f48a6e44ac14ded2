"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the graph.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    values = x.numpy()
    mean = torch.from_numpy(values.mean(axis=-1, keepdims=True))
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
