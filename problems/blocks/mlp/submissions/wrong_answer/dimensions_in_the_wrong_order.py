"""gate_proj and up_proj go from d_ff to d_model and down_proj back. Usually the sizes are swapped in the constructor: nn.Linear takes the number of inputs first."""

import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_ff, d_model)
        self.up_proj = nn.Linear(d_ff, d_model)
        self.down_proj = nn.Linear(d_model, d_ff)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
