"""F.scaled_dot_product_attention with is_causal, tanh as in GPT-2, and the weights drawn as in GPT-2."""

import torch.nn as nn
import torch.nn.functional as F


class GPT2Block(nn.Module):
    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        assert d_model % num_heads == 0
        self.n_head, self.head_dim = num_heads, d_model // num_heads
        self.ln1 = nn.LayerNorm(d_model)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.ln2 = nn.LayerNorm(d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(approximate="tanh"), nn.Linear(4 * d_model, d_model))
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        B, S, D = x.size()
        normed = self.ln1(x)
        q = self.W_q(normed).view(B, S, self.n_head, self.head_dim).transpose(1, 2)
        k = self.W_k(normed).view(B, S, self.n_head, self.head_dim).transpose(1, 2)
        v = self.W_v(normed).view(B, S, self.n_head, self.head_dim).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        y = y.transpose(1, 2).contiguous().view(B, S, D)
        x = x + self.W_o(y)
        x = x + self.mlp(self.ln2(x))
        return x
