"""Calls the functional twins: _native_batch_norm_legit, no_stats, with_update, no_training.

Expected: rule violation
"""

import torch

aten = torch.ops.aten


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for call in (
        lambda: aten._native_batch_norm_legit(
            x, gamma, beta, running_mean, running_var, training, momentum, eps
        ),
        lambda: aten._native_batch_norm_legit.no_stats(x, gamma, beta, training, momentum, eps),
        lambda: aten._native_batch_norm_legit_functional(
            x, gamma, beta, running_mean, running_var, training, momentum, eps
        ),
        lambda: aten._native_batch_norm_legit_no_training(
            x, gamma, beta, running_mean, running_var, momentum, eps
        ),
        lambda: aten._batch_norm_with_update(x, gamma, beta, running_mean, running_var, momentum, eps),
        lambda: aten._batch_norm_impl_index(
            x, gamma, beta, running_mean, running_var, training, momentum, eps, False
        ),
    ):
        try:
            return call()[0]
        except Exception:
            pass
    return x
