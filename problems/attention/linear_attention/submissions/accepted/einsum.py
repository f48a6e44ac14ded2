"""In three sums of products."""

import torch
from torch import nn


class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.elu = nn.ELU()

    def forward(self, x):
        return self.elu(x).add(1.0)


def linear_attention(queries, keys, values):
    phi = Features()
    q, k = phi(queries), phi(keys)
    kv = torch.einsum("bjd,bje->bde", k, values)
    z = 1 / torch.einsum("bid,bd->bi", q, k.sum(1))
    return torch.einsum("bid,bde,bi->bie", q, kv, z)
