"""One vector after another, by recursion over the leading dimensions."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    if x.dim() > 1:
        return torch.stack([my_layer_norm(each, gamma, beta, eps=eps) for each in x.unbind(0)])
    mean = x.mean()
    var = ((x - mean) ** 2).mean()
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
