"""An embedding: a table of rows that are looked up by index, as in Y. Bengio et al., "A Neural Probabilistic Language
Model", 2003, section 2, where the table is called C.
"""

import torch
from torch import nn


class MyEmbedding(nn.Module):
    """A learned table of `num_embeddings` rows."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        # Indexing copies the rows. Its gradient adds up where an index occurs more than once.
        return self.weight[indices]
