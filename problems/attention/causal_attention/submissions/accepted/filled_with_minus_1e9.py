"""The mask is a lower triangle of ones, and what it hides is filled with -1e9, as in many tutorials."""

import math

import torch


def causal_attention(query, key, value):
    sequence_length = query.size(1)
    mask = torch.tril(torch.ones(sequence_length, sequence_length)).unsqueeze(0)
    scores = torch.bmm(query, key.transpose(1, 2)) / math.sqrt(query.size(2))
    scores = scores.masked_fill(mask == 0, -1e9)
    return torch.bmm(torch.softmax(scores, dim=-1), value)
