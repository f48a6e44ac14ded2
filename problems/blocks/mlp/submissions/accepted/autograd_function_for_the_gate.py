import torch
from torch import nn


class Gated(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate, up):
        share = torch.sigmoid(gate)
        ctx.save_for_backward(gate, up, share)
        return gate * share * up

    @staticmethod
    def backward(ctx, upstream):
        gate, up, share = ctx.saved_tensors
        slope = share * (1 + gate * (1 - share))
        return upstream * up * slope, upstream * gate * share


class SwiGLUMLP(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        for name in ("gate_proj", "up_proj"):
            setattr(self, name, nn.Linear(d_model, d_ff))
        self.down_proj = nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.down_proj(Gated.apply(self.gate_proj(x), self.up_proj(x)))
