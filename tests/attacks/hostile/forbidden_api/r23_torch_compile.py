"""Calls it inside torch.compile, with every backend that it can find.

Expected: rule violation, run-time error, time limit exceeded
Slow: yes, torch.compile is imported
"""

import torch
import torch.nn.functional as F


def norm(x, gamma, beta, mean, var, training, momentum, eps):
    return F.batch_norm(x, mean, var, gamma, beta, training, momentum, eps)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for backend in ("inductor", "eager", "aot_eager", "aot_eager_decomp_partition"):
        try:
            return torch.compile(norm, backend=backend)(
                x, gamma, beta, running_mean, running_var, training, momentum, eps
            )
        except Exception as error:
            print(backend, type(error).__name__)
    raise RuntimeError("no backend")
