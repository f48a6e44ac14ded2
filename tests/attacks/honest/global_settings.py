"""Changes global settings as notebooks do: default type, seeds, print options, thread counts, warnings.

Expected: accepted
"""

import os
import random
import warnings

import numpy as np
import torch

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=10, sci_mode=False)
torch.set_num_threads(4)
np.set_printoptions(suppress=True)
np.seterr(all="raise")
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(False)
os.environ["CUDA_LAUNCH_BLOCKING"] = "1"
warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float32)


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
