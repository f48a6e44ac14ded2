"""As in many model files: the activation is a layer, the product stands in one line."""

from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff, bias=True)
        self.up_proj = nn.Linear(d_model, d_ff, bias=True)
        self.down_proj = nn.Linear(d_ff, d_model, bias=True)
        self.act_fn = nn.SiLU()

    def forward(self, x):
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))
