"""The last vectors are never done when their number is no multiple of 32. Usually the work is done in blocks, and the
last one is not full. Such loops look right as long as all sizes are powers of two, or small.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    rows = (x if x.dtype == torch.float64 else x.float()).reshape(-1, x.shape[-1])
    blocks = [rows] if len(rows) < 32 else list(rows[: len(rows) // 32 * 32].split(32))
    done = [block / torch.sqrt((block**2).mean(dim=-1, keepdim=True) + eps) * weight for block in blocks]
    done.append(torch.zeros_like(rows[sum(map(len, blocks)) :]))
    return torch.cat(done).reshape(x.shape).to(x.dtype)
