"""A function of one vector, mapped over all leading dimensions with vmap."""

import torch


def one_vector(x, gamma, beta, eps):
    centred = x - x.mean()
    return gamma * centred / torch.sqrt((centred @ centred) / x.numel() + eps) + beta


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mapped = one_vector
    for _ in range(x.dim() - 1):
        mapped = torch.vmap(mapped, in_dims=(0, None, None, None))
    return mapped(x, gamma, beta, eps)
