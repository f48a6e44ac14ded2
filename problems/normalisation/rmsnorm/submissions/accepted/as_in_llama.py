"""As language models have it: rsqrt, back to the dtype of x, then the weight."""

import torch


def rms_norm(x, weight, eps=1e-6):
    dtype = x.dtype
    hidden = x.to(torch.promote_types(dtype, torch.float32))
    variance = hidden.pow(2).mean(-1, keepdim=True)
    hidden = hidden * torch.rsqrt(variance + eps)
    return weight * hidden.to(dtype)
