"""You call the operator beneath the built-in RMS norm. The rule holds for every route."""

import torch


def rms_norm(x, weight, eps=1e-6):
    return torch.ops.aten._fused_rms_norm(x, list(weight.shape), weight, eps)[0]
