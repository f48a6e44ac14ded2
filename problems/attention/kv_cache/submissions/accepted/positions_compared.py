"""Positions are compared, k <= past + q; the mask is added in the dtype of the scores."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class KVCacheAttention(nn.Module):
    def __init__(self, d_model: int, num_heads: int):
        super().__init__()
        assert d_model % num_heads == 0, "d_model must be divisible by num_heads"
        self.d_model = d_model
        self.num_heads = num_heads
        self.d_k = d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, x, cache=None):
        B, S_new, _ = x.shape
        q = self.W_q(x).view(B, S_new, self.num_heads, self.d_k).transpose(1, 2)
        k = self.W_k(x).view(B, S_new, self.num_heads, self.d_k).transpose(1, 2)
        v = self.W_v(x).view(B, S_new, self.num_heads, self.d_k).transpose(1, 2)

        if cache is not None:
            past_k, past_v = cache
            k = torch.cat((past_k, k), dim=-2)
            v = torch.cat((past_v, v), dim=-2)
        new_cache = (k, v)

        S_total = k.size(2)
        past_len = S_total - S_new
        scores = torch.matmul(q, k.transpose(-2, -1)) / (self.d_k**0.5)
        q_pos = torch.arange(past_len, S_total, device=x.device).unsqueeze(1)
        k_pos = torch.arange(S_total, device=x.device).unsqueeze(0)
        bias = torch.zeros(S_new, S_total, dtype=scores.dtype, device=x.device)
        bias = bias.masked_fill(k_pos > q_pos, float("-inf"))
        attn = F.softmax(scores + bias, dim=-1)
        out = torch.matmul(attn, v).transpose(1, 2).contiguous().view(B, S_new, self.d_model)
        return self.W_o(out), new_cache
