"""A feed-forward network with a gate, after N. Shazeer, "GLU Variants Improve Transformer", 2020, where it is called
FFN_SwiGLU (without biases there).
"""

import torch
from torch import nn


class SwiGLUMLP(nn.Module):
    """down_proj(silu(gate_proj(x)) * up_proj(x)), for each token by itself."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        gate = self.gate_proj(x)
        gate = gate * torch.sigmoid(gate)  # silu; a sigmoid does not overflow, however far out the gate is
        return self.down_proj(gate * self.up_proj(x))
