from torch import nn


class KVCacheAttention(nn.Module):
    """Causal multi-head self-attention that goes on from the keys and values of earlier tokens.

    x: (B, S_new, d_model), the new tokens. cache: None, or the (K, V) of an earlier call, each (B, num_heads, S_past, d_k).
    Returns (output, (K, V)): (B, S_new, d_model), and keys and values of all tokens, the earlier ones first.
    Layers: W_q, W_k, W_v, W_o.
    """

    def __init__(self, d_model, num_heads):
        raise NotImplementedError

    def forward(self, x, cache=None):
        raise NotImplementedError
