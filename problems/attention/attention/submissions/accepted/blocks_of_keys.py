"""The keys come in blocks, and the sums are rescaled whenever the largest score so far grows, as in flash attention."""

import math

import torch

BLOCK = 32


def scaled_dot_product_attention(Q, K, V):
    batch, queries, d_k = Q.shape
    largest = Q.new_full((batch, queries, 1), -math.inf)
    total = Q.new_zeros((batch, queries, 1))
    result = Q.new_zeros((batch, queries, V.shape[2]))
    for start in range(0, K.shape[1], BLOCK):
        scores = Q @ K[:, start : start + BLOCK].transpose(1, 2) / math.sqrt(d_k)
        new = torch.maximum(largest, scores.amax(dim=2, keepdim=True)).detach()
        exps, correction = torch.exp(scores - new), torch.exp(largest - new)
        total = total * correction + exps.sum(dim=2, keepdim=True)
        result = result * correction + exps @ V[:, start : start + BLOCK]
        largest = new
    return result / total
