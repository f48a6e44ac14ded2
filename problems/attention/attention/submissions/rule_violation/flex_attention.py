"""You call flex attention, which is attention of PyTorch's too, compiled or not."""

from torch.nn.attention.flex_attention import flex_attention


def scaled_dot_product_attention(Q, K, V):
    return flex_attention(Q[:, None], K[:, None], V[:, None])[:, 0]
