"""One head after the other; a mask of two pieces, ones for what is cached and a triangle for what is new."""

import math

import torch
from torch import nn


class KVCacheAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_o = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_q = nn.Linear(d_model, d_model)

    def forward(self, x, cache=None):
        n, d_k = x.shape[1], x.shape[2] // self.num_heads
        past = cache[0].shape[-2] if cache is not None else 0
        mask = torch.cat([torch.ones(n, past), torch.ones(n, n).tril()], dim=1) == 0
        Q, K, V = self.W_q(x).split(d_k, -1), self.W_k(x).split(d_k, -1), self.W_v(x).split(d_k, -1)
        keys, values, results = [], [], []
        for h in range(self.num_heads):
            k = K[h] if cache is None else torch.cat([cache[0][:, h], K[h]], dim=1)
            v = V[h] if cache is None else torch.cat([cache[1][:, h], V[h]], dim=1)
            scores = torch.bmm(Q[h], k.transpose(1, 2)) / math.sqrt(d_k)
            results.append(torch.bmm(scores.masked_fill(mask, -1e9).softmax(dim=-1), v))
            keys.append(k)
            values.append(v)
        return self.W_o(torch.cat(results, dim=-1)), (torch.stack(keys, dim=1), torch.stack(values, dim=1))
