"""mlp is a module of its own with F.gelu; the mask is added, as a triangle of minus infinity in the dtype of the scores."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class MLP(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.c_proj = nn.Linear(4 * d_model, d_model)
        self.c_fc = nn.Linear(d_model, 4 * d_model)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super(GPT2Block, self).__init__()
        self.d_model = d_model
        self.num_heads = num_heads
        self.d_k = d_model // num_heads
        self.ln1 = nn.LayerNorm(d_model)
        self.ln2 = nn.LayerNorm(d_model)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.mlp = MLP(d_model)

    def causal_attention(self, x):
        B, S, _ = x.shape
        Q = self.W_q(x).reshape(B, S, self.num_heads, self.d_k).permute(0, 2, 1, 3)
        K = self.W_k(x).reshape(B, S, self.num_heads, self.d_k).permute(0, 2, 1, 3)
        V = self.W_v(x).reshape(B, S, self.num_heads, self.d_k).permute(0, 2, 1, 3)
        scores = torch.matmul(Q, K.transpose(-1, -2)) / (self.d_k**0.5)
        mask = torch.triu(torch.full((S, S), float("-inf"), dtype=scores.dtype, device=x.device), diagonal=1)
        attn = F.softmax(scores + mask, dim=-1)
        out = torch.matmul(attn, V)
        out = out.permute(0, 2, 1, 3).contiguous().view(B, S, self.d_model)
        return self.W_o(out)

    def forward(self, x):
        residual = x
        x = self.ln1(x)
        x = self.causal_attention(x)
        x = residual + x
        residual = x
        x = self.ln2(x)
        x = self.mlp(x)
        return residual + x
