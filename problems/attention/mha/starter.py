from torch import nn


class MultiHeadAttention:
    """Attention in num_heads heads over projections of Q, K and V.

    W_q, W_k, W_v, W_o: nn.Linear(d_model, d_model). forward takes Q (B, S_q, d_model), K and V (B, S_k, d_model), and
    returns (B, S_q, d_model).
    """

    def __init__(self, d_model, num_heads):
        raise NotImplementedError

    def forward(self, Q, K, V):
        raise NotImplementedError
