"""The table as one long row: the numbers of row i begin at i * embedding_dim."""

import torch
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim) / embedding_dim**0.5)

    def forward(self, indices):
        dim = self.weight.shape[-1]
        places = indices[..., None] * dim + torch.arange(dim)
        return torch.take(self.weight, places)
