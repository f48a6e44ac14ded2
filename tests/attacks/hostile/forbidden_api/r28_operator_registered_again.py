"""Registers an implementation of its own over the override, which calls another key.

Expected: rule violation, wrong answer, run-time error
Slow: yes, the override is searched in every case
"""

import torch

library = torch.library.Library("aten", "IMPL")


def norm(x, gamma, beta, mean, var, training, momentum, eps):
    op = torch.ops.aten.native_batch_norm.default
    return op._op_dk(
        torch._C.DispatchKey.CompositeExplicitAutograd, x, gamma, beta, mean, var, training, momentum, eps
    )


try:
    library.impl("native_batch_norm", norm, "CPU", allow_override=True)
except Exception as error:
    print(error)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch.native_batch_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[0]
