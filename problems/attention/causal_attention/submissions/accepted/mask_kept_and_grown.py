"""A mask is kept from call to call, and made anew where a text is longer than all before; a loop over the batch."""

import torch

kept = torch.zeros(0, 0, dtype=torch.bool)


def later_than(length):
    global kept
    if kept.shape[0] < length:
        kept = torch.ones(length, length).triu(1) > 0
    return kept[:length, :length]


def attend(queries, keys, values):
    scores = queries.mm(keys.t()) / keys.shape[1] ** 0.5
    scores[later_than(len(keys))] = -torch.inf
    return torch.softmax(scores, 1).mm(values)


def causal_attention(Q, K, V):
    return torch.stack([attend(*item) for item in zip(Q, K, V, strict=True)])
