"""Everything by einsum over key-value heads and groups; the output projection takes the heads as they are."""

import torch
from torch import nn


class GroupQueryAttention(nn.Module):
    def __init__(self, d_model, num_heads, num_kv_heads):
        super().__init__()
        self.g = num_heads // num_kv_heads
        self.n = num_kv_heads
        narrow = d_model // self.g
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, narrow)
        self.W_v = nn.Linear(d_model, narrow)
        self.W_o = nn.Linear(d_model, d_model)
        for layer in (self.W_q, self.W_k, self.W_v, self.W_o):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        n, g = self.n, self.g
        q = torch.einsum("bsm,ngdm->bngsd", x, self.W_q.weight.unflatten(0, (n, g, -1)))
        q = q + self.W_q.bias.unflatten(0, (n, g, 1, -1))
        k = torch.einsum("btm,ndm->bntd", x, self.W_k.weight.unflatten(0, (n, -1))) + self.W_k.bias.unflatten(0, (n, 1, -1))
        v = torch.einsum("btm,ndm->bntd", x, self.W_v.weight.unflatten(0, (n, -1))) + self.W_v.bias.unflatten(0, (n, 1, -1))
        p = torch.softmax(torch.einsum("bngsd,bntd->bngst", q, k) / q.shape[-1] ** 0.5, dim=-1)
        heads = torch.einsum("bngst,bntd->bngsd", p, v)
        return torch.einsum("bngsd,mngd->bsm", heads, self.W_o.weight.unflatten(1, (n, g, -1))) + self.W_o.bias
