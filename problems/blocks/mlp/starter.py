from torch import nn


class SwiGLUMLP(nn.Module):
    """The feed-forward network of a transformer, with a gate: down_proj(silu(gate_proj(x)) * up_proj(x)).

    gate_proj, up_proj: nn.Linear(d_model, d_ff). down_proj: nn.Linear(d_ff, d_model).
    x: (*, d_model). Returns the same shape.
    """

    def __init__(self, d_model, d_ff):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
