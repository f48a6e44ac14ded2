"""You take the root mean square and raise it to eps where it is smaller, as F.normalize does. That also avoids
a division by 0, but it is another function: here eps counts for every vector.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square).clamp(min=eps) * weight).to(x.dtype)
