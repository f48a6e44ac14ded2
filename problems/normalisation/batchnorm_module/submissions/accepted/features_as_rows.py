"""Works on the transpose with einsum; a base class holds the state."""

import torch
from torch import nn


class State(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))
        self.running_mean: torch.Tensor
        self.running_var: torch.Tensor
        self.register_buffer("running_mean", torch.zeros(size))
        self.register_buffer("running_var", torch.ones(size))


class BatchNorm1DManual(State):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__((num_features,))
        self.hyper = (eps, momentum)

    def forward(self, x):
        eps, share = self.hyper
        rows = x.T
        if self.training:
            weights = torch.full_like(rows[0], 1 / rows.shape[1])
            mean = torch.einsum("dn,n->d", rows, weights)
            centred = rows - mean[:, None]
            var = torch.einsum("dn,dn,n->d", centred, centred, weights)
            self.running_mean.copy_((share * mean + (1 - share) * self.running_mean).detach())
            self.running_var.copy_((share * var + (1 - share) * self.running_var).detach())
        else:
            centred, var = rows - self.running_mean[:, None], self.running_var
        return (centred * (self.gamma / (eps + var).sqrt())[:, None] + self.beta[:, None]).T
