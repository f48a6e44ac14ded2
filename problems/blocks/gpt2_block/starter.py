from torch import nn


class GPT2Block(nn.Module):
    """A pre-norm transformer block: causal self-attention, then a feed-forward network, each added to what came in.

    x: (B, S, d_model). Returns a tensor of the shape and dtype of x.
    Layers: ln1, ln2, W_q, W_k, W_v, W_o and mlp.
    """

    def __init__(self, d_model, num_heads):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
