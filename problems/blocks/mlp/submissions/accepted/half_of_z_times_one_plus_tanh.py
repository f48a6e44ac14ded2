import torch
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        # in another order than they are used
        self.down_proj = nn.Linear(d_ff, d_model)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.gate_proj = nn.Linear(d_model, d_ff)

    def forward(self, x):
        half = self.gate_proj(x) / 2  # sigmoid(z) is (1 + tanh(z / 2)) / 2
        return self.down_proj(half * (1 + torch.tanh(half)) * self.up_proj(x))
