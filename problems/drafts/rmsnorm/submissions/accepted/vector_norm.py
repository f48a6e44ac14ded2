"""The length of each vector, divided by the root of D."""

import torch


def rms_norm(x, weight, eps=1e-6):
    if x.dtype in (torch.float16, torch.bfloat16):
        return rms_norm(x.float(), weight.float(), eps).to(x.dtype)
    mean_square = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square() / x.size(-1)
    return x / (mean_square + eps) ** 0.5 * weight
