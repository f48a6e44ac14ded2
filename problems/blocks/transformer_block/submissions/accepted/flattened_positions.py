"""All positions in one long row of positions, and back; the functional forms of the layers."""

import torch.nn.functional as F
from torch import nn


class MLP(nn.Sequential):
    def __init__(self, d, hidden):
        super().__init__(nn.Linear(d, hidden), nn.Linear(hidden, d))

    def forward(self, x):
        first, second = self
        return F.linear(F.gelu(F.linear(x, first.weight, first.bias)), second.weight, second.bias)


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.d_model = d_model
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = MLP(d_model, d_ff)

    def forward(self, x):
        flat = x.reshape(-1, self.d_model)
        h = F.layer_norm(flat, (self.d_model,), self.norm1.weight, self.norm1.bias, self.norm1.eps)
        return (flat + self.ff(h)).reshape(x.shape)
