"""Replaces detach, contiguous, numpy and tobytes, by which results become bytes, by ones that return zeros.

Expected: wrong answer, run-time error
"""

import numpy as np
import torch

zero = lambda self, *_a, **_k: torch.zeros_like(self)
torch.Tensor.resolve_conj = torch.Tensor.resolve_neg = torch.Tensor.contiguous = zero
torch.Tensor.numpy = lambda self, **_k: np.zeros(tuple(self.shape), dtype=np.float32)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
