"""Sliding-window attention, after I. Beltagy, M. Peters and A. Cohan, "Longformer: The Long-Document Transformer", 2020,
section 3.1. There a window of w reaches w / 2 to each side; here window_size counts one side.
"""

import math

import torch


def sliding_window_attention(Q, K, V, window_size):
    """Let each position of `Q` attend to the positions of `K` and `V` that are at most `window_size` away."""
    length, d_k = K.shape[1:]
    scores = Q @ K.transpose(1, 2) / math.sqrt(d_k)  # (B, S, S): row i holds the scores of position i

    # Row i, column j of this table says how far i and j are from each other.
    position = torch.arange(length, device=K.device)
    distance = (position[:, None] - position[None, :]).abs()

    # A score of minus infinity becomes a weight of exactly 0. The position itself is always seen, so that no
    # row is masked throughout.
    scores = scores.masked_fill(distance > window_size, -math.inf)
    return torch.softmax(scores, dim=-1) @ V
