"""You map the built-in layer norm over the rows with vmap. It ends at the same operator."""

import torch
import torch.nn.functional as F


def my_layer_norm(x, gamma, beta, eps=1e-5):
    rows = x.reshape(-1, x.shape[-1])
    return torch.vmap(lambda row: F.layer_norm(row, row.shape, gamma, beta, eps))(rows).reshape(x.shape)
