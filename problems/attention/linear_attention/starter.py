def linear_attention(Q, K, V):
    """Attention with the features phi(x) = elu(x) + 1 in place of a softmax, without an S x S matrix.

    Q, K: (B, S, d_k). V: (B, S, d_v).
    Returns a tensor of shape (B, S, d_v), in the dtype of Q.
    """
    raise NotImplementedError
