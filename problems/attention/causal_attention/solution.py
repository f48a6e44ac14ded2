"""Causal attention, after A. Vaswani and others, "Attention Is All You Need", 2017, sections 3.2.1 and 3.2.3."""

import math

import torch


def causal_attention(Q, K, V):
    """Average the values of each position and those before it, weighted by how well its query fits their keys."""
    # One score for each pair, query by row and key by column: (B, S, d_k) @ (B, d_k, S) is (B, S, S).
    scores = Q @ K.transpose(1, 2) / math.sqrt(K.shape[-1])

    # True above the diagonal, where the key lies after the query. The diagonal itself stays visible.
    length = K.shape[1]
    later = torch.ones(length, length, dtype=torch.bool).triu(diagonal=1)

    # exp(-inf) is 0: a hidden key has no weight, and the weights of the others sum to 1.
    scores = scores.masked_fill(later, -math.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights @ V
