"""You call .numpy() on a tensor that requires gradients. PyTorch refuses, because NumPy could not keep the
graph.
"""

import numpy as np
import torch


def scaled_dot_product_attention(Q, K, V):
    scores = np.matmul(Q.numpy(), K.numpy().swapaxes(1, 2)) / np.sqrt(K.shape[-1])
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return torch.from_numpy(exps / exps.sum(axis=-1, keepdims=True)) @ V
