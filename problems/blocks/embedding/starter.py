from torch import nn


class MyEmbedding(nn.Module):
    """A table of num_embeddings rows of embedding_dim numbers, looked up by index.

    weight: (num_embeddings, embedding_dim), the only parameter, random at first.
    indices: int64, any shape (*). Returns (*, embedding_dim), in the dtype of weight.
    """

    def __init__(self, num_embeddings, embedding_dim):
        raise NotImplementedError

    def forward(self, indices):
        raise NotImplementedError
