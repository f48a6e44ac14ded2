"""You return a NumPy array. It holds the right numbers, but the graph ends there, and the next layer cannot
train the ones below.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    y = (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
    return y.detach().float().numpy() if y.dtype == torch.bfloat16 else y.detach().numpy()
