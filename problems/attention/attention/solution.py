"""Scaled dot-product attention, after A. Vaswani and others, "Attention Is All You Need", 2017, section 3.2.1."""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    """Average the values for each query, weighted by how well the query fits each key."""
    # One score for each pair: (B, S_q, d_k) @ (B, d_k, S_k) is (B, S_q, S_k).
    scores = Q @ K.transpose(1, 2)

    # The sum of d_k products grows like the root of d_k; divided by it, scores have the same size for every d_k.
    scores = scores / math.sqrt(K.shape[-1])

    # The keys are the last dimension, so that each query's weights sum to 1.
    weights = torch.softmax(scores, dim=-1)
    return weights @ V
