"""You use the approximation of GELU by tanh, as GPT-2 does. It is off in the third or fourth digit; the
weights of a model belong to the form that it was trained with, and here that is the exact one.
"""

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(
            nn.Linear(d_model, d_ff),
            nn.GELU(approximate="tanh"),
            nn.Linear(d_ff, d_model),
        )

    def forward(self, x):
        return x + self.ff(self.norm1(x))
