"""Has TorchScript's own pass take the operator apart.

Expected: rule violation, run-time error
"""

import torch


@torch.jit.script
def norm(x, mean, var):
    return torch.batch_norm(x, None, None, mean, var, True, 0.1, 1e-5, False)


torch._C._jit_pass_decompose_ops(norm.graph)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return norm(x, running_mean, running_var) * gamma + beta
