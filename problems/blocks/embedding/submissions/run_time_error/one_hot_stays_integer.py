"""The one-hot vectors are multiplied as they come, as whole numbers: PyTorch does not multiply int64 by float32. They need the
dtype of the weight.
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
        return F.one_hot(indices, self.num_embeddings) @ self.weight
