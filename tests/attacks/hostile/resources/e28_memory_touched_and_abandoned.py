"""Touches all memory it gets in every case and ends the process, so that the judge has to start over.

Expected: run-time error, memory limit exceeded, time limit exceeded
Slow: yes, it wastes time in every case, until the time in all is over
"""

import os
import time

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    kept = torch.ones(1_600 << 18)
    time.sleep(0.2)
    os._exit(int(kept[0]))
