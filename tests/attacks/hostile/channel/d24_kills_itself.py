"""Sends itself SIGKILL, which looks like the system's doing.

Expected: memory limit exceeded, run-time error
Representative: yes
"""

import os
import signal


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    os.kill(os.getpid(), signal.SIGKILL)
