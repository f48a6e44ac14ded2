import torch
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    @staticmethod
    def apply_layer(layer, x):
        return torch.einsum("...i,oi->...o", x, layer.weight) + layer.bias

    def forward(self, x):
        gate = self.apply_layer(self.gate_proj, x)
        up = self.apply_layer(self.up_proj, x)
        return self.apply_layer(self.down_proj, gate * gate.sigmoid() * up)
