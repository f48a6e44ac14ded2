"""You call F.rms_norm. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-6):
    return F.rms_norm(x, (x.shape[-1],), weight, eps)
