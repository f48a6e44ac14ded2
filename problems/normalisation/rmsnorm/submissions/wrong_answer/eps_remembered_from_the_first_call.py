"""You keep eps from the first call in a global, as a layer keeps it from its constructor. A model may use
another eps in another place.
"""

import torch

_settings = {}


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    eps = _settings.setdefault((x.shape, x.dtype), eps)
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
