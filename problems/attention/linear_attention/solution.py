"""Linear attention, after A. Katharopoulos, A. Vyas, N. Pappas and F. Fleuret, "Transformers are RNNs: Fast
Autoregressive Transformers with Linear Attention", 2020, equations 5 to 7.
"""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    """Let each position of `Q` ask a summary of all positions of `K` and `V`."""
    # elu(x) + 1 is positive everywhere, so that the weights are positive, like those of a softmax.
    query_features = F.elu(Q) + 1
    key_features = F.elu(K) + 1

    # The sums over all positions come first. Neither has a dimension of the size S.
    state = key_features.transpose(1, 2) @ V  # (B, d_k, d_v)
    normaliser = key_features.sum(dim=1)  # (B, d_k)

    numerator = query_features @ state  # (B, S, d_v)
    denominator = query_features @ normaliser.unsqueeze(-1)  # (B, S, 1)
    return numerator / denominator
