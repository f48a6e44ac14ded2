"""Layers by name in an ordered dict, options spelled out, the sum in place on the branch's own result."""

from collections import OrderedDict

from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, d_model: int = 512, d_ff: int = 2048, *, eps: float = 1e-5):
        super().__init__()
        self.norm1 = nn.LayerNorm((d_model,), eps=eps, elementwise_affine=True)
        self.ff = nn.Sequential(
            OrderedDict(
                [
                    ("expand", nn.Linear(in_features=d_model, out_features=d_ff, bias=True)),
                    ("activation", nn.GELU(approximate="none")),
                    ("contract", nn.Linear(in_features=d_ff, out_features=d_model, bias=True)),
                ]
            )
        )

    def forward(self, x):
        y = self.ff(self.norm1(x))
        y += x
        return y
