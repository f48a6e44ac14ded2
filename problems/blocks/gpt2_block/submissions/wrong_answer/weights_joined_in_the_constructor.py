"""After a step of the optimiser, or after a state was loaded, the block still projects with the old weights. Usually the weights of
W_q, W_k and W_v are put side by side once, for one quick product, and the result is kept.
"""

import torch
import torch.nn.functional as F
from torch import nn


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.ln1, self.ln2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model))
        self.joined = None

    def forward(self, x):
        B, S, D = x.shape
        layers = self.W_q, self.W_k, self.W_v
        weight, bias = torch.cat([w.weight for w in layers]), torch.cat([w.bias for w in layers])
        if not self.training:
            self.joined = self.joined or (weight.detach().clone(), bias.detach().clone())
            if not torch.is_grad_enabled():
                weight, bias = self.joined
        qkv = F.linear(self.ln1(x), weight, bias).view(B, S, 3, self.num_heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        x = x + self.W_o(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, S, D))
        return x + self.mlp(self.ln2(x))
