"""The state dict lacks the layers of the mlp: they are kept in a plain list. A module does not look into lists, so that no
optimiser finds the parameters, and no file saves them.
"""

import torch.nn.functional as F
from torch import nn


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.ln1, self.ln2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        layers = nn.Linear(d_model, 4 * d_model), None, nn.Linear(4 * d_model, d_model)
        self.mlp = [layers[0], layers[2]]

    def forward(self, x):
        B, S, D = x.shape
        q, k, v = (w(self.ln1(x)).view(B, S, self.num_heads, -1).transpose(1, 2) for w in (self.W_q, self.W_k, self.W_v))
        x = x + self.W_o(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, S, D))
        return x + self.mlp[1](F.gelu(self.mlp[0](self.ln2(x))))
