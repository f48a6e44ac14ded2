"""Ends the process with status 0 in every call.

Expected: run-time error
Representative: yes
"""

import os


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    os._exit(0)
