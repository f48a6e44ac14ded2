"""Returns views with lazy conjugation and negation, transposed and permuted.

Expected: wrong answer, run-time error
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch._neg_view(x) if x.shape[0] % 2 else torch.complex(x, x).conj().imag.t().t()
