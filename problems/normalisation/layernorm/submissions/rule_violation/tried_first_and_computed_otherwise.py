"""You try the built-in layer norm and compute by hand where it is refused. Trying counts."""

import torch
import torch.nn.functional as F


def my_layer_norm(x, gamma, beta, eps=1e-5):
    try:
        return F.layer_norm(x, gamma.shape, gamma, beta, eps)
    except Exception:
        var, mean = torch.var_mean(x, dim=-1, unbiased=False, keepdim=True)
        return gamma * (x - mean) / torch.sqrt(var + eps) + beta
