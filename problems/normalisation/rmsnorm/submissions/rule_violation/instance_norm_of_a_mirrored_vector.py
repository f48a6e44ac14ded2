"""You append the negative of each vector and use the built-in instance norm. It is still a built-in
normalisation.
"""

import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-6):
    rows = x.reshape(1, -1, x.shape[-1])
    mirrored = F.instance_norm(torch.cat([rows, -rows], dim=2), eps=eps)
    return mirrored[..., : x.shape[-1]].reshape(x.shape) * weight
