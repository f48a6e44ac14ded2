"""You look the built-in up under a name put together from pieces. The rule is about what runs, not about what is
written.
"""

import torch
from torch import nn


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        return getattr(torch.ops.aten, "em" + "bedding")(self.weight, indices)
