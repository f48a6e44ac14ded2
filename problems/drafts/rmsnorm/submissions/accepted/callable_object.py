"""An object that can be called, with its steps as methods."""

import torch


class RMSNorm:
    def __init__(self, default_eps):
        self.default_eps = default_eps

    def root_mean_square(self, x, eps):
        return torch.sqrt(torch.mean(x * x, dim=-1, keepdim=True) + eps)

    def __call__(self, vectors, scale, eps=None):
        eps = self.default_eps if eps is None else eps
        wide = vectors if vectors.dtype == torch.float64 else vectors.to(torch.float32)
        return (scale * (wide / self.root_mean_square(wide, eps))).type(vectors.dtype)


rms_norm = RMSNorm(1e-6)
