"""Where there is no index at all, an error stops the layer. Usually the rows are collected in a list and stacked, and nothing can
be stacked of an empty list.
"""

import torch
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        rows = torch.stack([self.weight[i] for i in indices.flatten().tolist()])
        return rows.reshape(*indices.shape, self.weight.shape[1])
