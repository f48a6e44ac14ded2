"""Works on the transpose, with einsum for the sums and for the projection."""

import torch
from torch import nn


class Measured(nn.Module):
    """A base class that keeps the statistics."""

    def __init__(self, size):
        super().__init__()
        self.register_buffer("running_var", torch.zeros(size))
        self.register_buffer("running_mean", torch.zeros(size))

    @torch.no_grad()
    def record(self, **new):
        for name, value in new.items():
            running = getattr(self, f"running_{name}")
            running.set_(0.95 * running + 0.05 * value)


class BatchNorm(Measured):
    def __init__(self, in_dim, out_dim):
        super().__init__((in_dim,))
        self.linear = nn.Linear(in_dim, out_dim)

    def forward(self, x, inference=False):
        rows = x.T
        if not inference:
            n = rows.shape[1]
            mean = torch.einsum("dn->d", rows) / n
            centred = rows - mean[:, None]
            var = torch.einsum("dn,dn->d", centred, centred) / (n - 1)
            self.record(mean=mean, var=var)
        else:
            centred, var = rows - self.running_mean[:, None], self.running_var
        return torch.einsum("dn,d,od->no", centred, (var + 0.001).pow(-0.5), self.linear.weight) + self.linear.bias
