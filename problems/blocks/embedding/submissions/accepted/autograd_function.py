"""A lookup with a backward of its own: the gradients are added into a table of zeros."""

import torch
from torch import nn


class Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, indices):
        ctx.save_for_backward(indices)
        ctx.rows = weight.shape[0]
        return weight[indices.reshape(-1)].reshape(*indices.shape, weight.shape[1])

    @staticmethod
    def backward(ctx, above):
        (indices,) = ctx.saved_tensors
        features = above.shape[-1]
        to_weight = above.new_zeros(ctx.rows, features)
        to_weight.index_add_(0, indices.reshape(-1), above.reshape(-1, features))
        return to_weight, None


class MyEmbedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, indices):
        return Lookup.apply(self.weight, indices)
