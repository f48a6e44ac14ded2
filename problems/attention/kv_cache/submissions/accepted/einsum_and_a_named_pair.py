"""einsum, softmax by hand, one product for the three projections, and the cache as a tuple with names."""

from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Cache(NamedTuple):
    keys: Tensor
    values: Tensor

    def extend(self, keys, values):
        return Cache(torch.cat([self.keys, keys], dim=2), torch.cat([self.values, values], dim=2))


class KVCacheAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_q, self.W_k, self.W_v, self.W_o = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, x: Tensor, cache: Optional[tuple] = None):
        layers = self.W_q, self.W_k, self.W_v
        weight, bias = torch.cat([w.weight for w in layers]), torch.cat([w.bias for w in layers])
        q, k, v = F.linear(x, weight, bias).chunk(3, dim=-1)
        b, s, d = x.shape
        q, k, v = (t.reshape(b, s, self.num_heads, -1).transpose(1, 2) for t in (q, k, v))
        cache = Cache(*cache).extend(k, v) if cache is not None else Cache(k, v)
        scores = torch.einsum("bhqd,bhkd->bhqk", q * q.shape[-1] ** -0.5, cache.keys)
        total = cache.keys.shape[2]
        hidden = torch.triu(torch.ones(total, total), diagonal=1)[-s:].bool()
        scores = torch.where(hidden, -torch.inf, scores)
        e = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
        weights = e / e.sum(dim=-1, keepdim=True)
        y = torch.einsum("bhqk,bhkd->bqhd", weights, cache.values)
        return self.W_o(y.reshape(b, s, d)), cache
