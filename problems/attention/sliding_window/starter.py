def sliding_window_attention(Q, K, V, window_size):
    """Attention in which position i sees the positions j with |i - j| <= window_size.

    Q, K: (B, S, d_k). V: (B, S, d_v). window_size: int >= 0.
    Returns a tensor of shape (B, S, d_v), in the dtype of Q.
    """
    raise NotImplementedError
