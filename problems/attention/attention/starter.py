def scaled_dot_product_attention(Q, K, V):
    """Attention of each query over all keys, without a mask.

    Q: (B, S_q, d_k). K: (B, S_k, d_k). V: (B, S_k, d_v).
    Returns a tensor of shape (B, S_q, d_v).
    """
    raise NotImplementedError
