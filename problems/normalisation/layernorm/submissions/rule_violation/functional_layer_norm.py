"""You call F.layer_norm. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return F.layer_norm(x, (x.shape[-1],), gamma, beta, eps)
