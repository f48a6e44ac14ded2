"""You call `F.embedding_bag` with bags of one index each, which is the built-in lookup again."""

import torch
import torch.nn.functional as F
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        flat = indices.reshape(-1, 1)
        return F.embedding_bag(flat, self.weight, mode="sum").reshape(*indices.shape, -1)
