"""A batch of sequences is taken apart into three sizes, so that a single vector, or rows without a batch, cannot be given."""

import torch.nn.functional as F
from torch import nn


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff)
        self.up_proj = nn.Linear(d_model, d_ff)
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        batch, tokens, features = x.shape
        x = x.reshape(batch * tokens, features)
        out = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out.reshape(batch, tokens, features)
