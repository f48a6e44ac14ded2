"""parameters() and state_dict() are empty, though the result is right. Usually the layers stand in a plain list or a property,
where nn.Module does not find them: an optimiser gets nothing, and double() converts nothing.
"""

import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.layers = [nn.Linear(d_model, d_ff), nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)]

    gate_proj = property(lambda self: self.layers[0])
    up_proj = property(lambda self: self.layers[1])
    down_proj = property(lambda self: self.layers[2])

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
