"""Calls it under no_grad and inference_mode and adds zero times the inputs.

Expected: rule violation
"""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    with torch.no_grad(), torch.inference_mode():
        out = F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
    return out.clone() + 0 * (x + gamma + beta)
