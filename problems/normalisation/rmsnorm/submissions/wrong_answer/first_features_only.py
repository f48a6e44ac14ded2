"""You estimate the root mean square from the first 64 features, which is faster and usually close. Usually is
not always, and an outlier further back breaks it.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide[..., :64] ** 2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
