"""Changes every setting of torch, NumPy and the interpreter, for later cases and later submissions.

Expected: wrong answer, run-time error
Slow: yes, the worker starts anew in every case
"""

import gc
import locale
import os
import sys
import warnings

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.use_deterministic_algorithms(True)
torch.manual_seed(0)
torch.inference_mode().__enter__()
np.seterr(all="raise")
np.random.seed(0)
try:
    locale.setlocale(locale.LC_ALL, "C")
except locale.Error:
    pass
os.chdir("/")
os.environ.clear()
os.environ["PYTHONOPTIMIZE"] = "2"
os.umask(0)
warnings.simplefilter("error")
sys.setrecursionlimit(60000)
sys.setswitchinterval(1000)
gc.disable()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    return torch.zeros(x.shape)
