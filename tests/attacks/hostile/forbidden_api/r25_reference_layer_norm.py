"""Takes torch._refs.native_layer_norm, which is made of allowed operators.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch._refs.native_layer_norm(x.t(), [x.shape[0]], None, None, eps)[0].t() * gamma + beta
