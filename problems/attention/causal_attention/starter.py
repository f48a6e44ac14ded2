def causal_attention(Q, K, V):
    """Attention of each position over itself and the positions before it.

    Q, K: (B, S, d_k). V: (B, S, d_v).
    Returns a tensor of shape (B, S, d_v).
    """
    raise NotImplementedError
