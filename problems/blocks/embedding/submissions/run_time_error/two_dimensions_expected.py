"""Only indices of two dimensions can be looked up. Usually the shape is unpacked as `batch, positions`; a single text, or a
batch of batches, then stops with an error.
"""

import torch
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        batch, positions = indices.shape
        return self.weight[indices.reshape(-1)].reshape(batch, positions, -1)
