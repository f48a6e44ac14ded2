"""The gated feed-forward network of N. Shazeer, "GLU Variants Improve Transformer", 2020, there called FFN_SwiGLU, with the
names that Llama gave its layers, and with biases.
"""

import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    """A gated feed-forward network: down(silu(gate(x)) * up(x))."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        # One branch decides, by a smooth switch, how much of the other passes.
        gate = F.silu(self.gate_proj(x))
        return self.down_proj(gate * self.up_proj(x))
