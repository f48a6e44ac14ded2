"""A returned cache changes when the module is called again: keys and values are written into one long buffer of the module, and what is
returned are views of it. Two continuations of one beginning overwrite each other.
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
        self.buffers_by_size = {}

    def kept(self, name, old, new):
        if torch.is_grad_enabled():
            return new if old is None else torch.cat([old, new], dim=2)
        past = 0 if old is None else old.shape[2]
        key = name, new.shape[0], new.dtype
        if key not in self.buffers_by_size:
            self.buffers_by_size[key] = new.new_zeros(new.shape[0], new.shape[1], 2048, new.shape[3])
        buffer = self.buffers_by_size[key]
        if old is not None:
            buffer[:, :, :past] = old.clone()
        buffer[:, :, past : past + new.shape[2]] = new
        return buffer[:, :, : past + new.shape[2]]

    def forward(self, x, cache=None):
        B, n, d = x.shape
        q, k, v = (w(x).view(B, n, self.num_heads, -1).transpose(1, 2) for w in (self.W_q, self.W_k, self.W_v))
        old_k, old_v = cache if cache is not None else (None, None)
        k, v = self.kept("k", old_k, k), self.kept("v", old_v, v)
        mask = torch.ones(n, k.shape[2], dtype=torch.bool).tril(k.shape[2] - n)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.W_o(y.transpose(1, 2).reshape(B, n, d)), (k, v)
