"""A layer in float64 stops with an error, because the one-hot vectors are always float32. Usually it says `.float()`; the dtype
to take is that of the weight.
"""

import torch
import torch.nn.functional as F
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        return F.one_hot(indices, self.num_embeddings).float() @ self.weight
