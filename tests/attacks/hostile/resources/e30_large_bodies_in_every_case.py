"""Returns 60 MiB in every case, some of it in the shape that is expected.

Expected: wrong answer, run-time error, time limit exceeded
Slow: yes, 60 MiB are sent and compared in every case
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return {"output": x, "more": torch.zeros(60 << 18)}
