"""You divide by 1 where the root mean square is 0, as scalers in data preparation do. The value is 0 either
way, but the gradient has another size: eps already makes the division safe.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    divisor = torch.where(mean_square == 0, torch.ones_like(mean_square), torch.sqrt(mean_square + eps))
    return (wide / divisor * weight).to(x.dtype)
