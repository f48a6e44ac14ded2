from torch import nn


class SwiGLUMLP(nn.Module):
    """The gated feed-forward network of a transformer: down_proj(silu(gate_proj(x)) * up_proj(x)).

    x: (..., d_model). Returns a tensor of the shape and dtype of x.
    """

    def __init__(self, d_model, d_ff):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
