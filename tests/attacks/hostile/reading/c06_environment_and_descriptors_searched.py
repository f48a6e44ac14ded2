"""Looks for secrets in the environment, the arguments and the open descriptors.

Expected: wrong answer, run-time error
"""

import fcntl
import os
import stat
import sys

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for name, value in os.environ.items():
            if any(
                word in name.upper()
                for word in ("TOKEN", "KEY", "SECRET", "PASS", "JUDGE_", "SEED", "SSH", "PWD", "PYTHONPATH")
            ):
                print("LEAKED:", name, value)
        for descriptor in range(4096):
            try:
                mode = os.fstat(descriptor).st_mode
            except OSError:
                continue
            if descriptor > 3 and not stat.S_ISSOCK(mode):
                print("LEAKED: descriptor", descriptor, oct(mode))
            if descriptor > 3 and stat.S_ISSOCK(mode):
                print("LEAKED: socket", descriptor)
        print(sys.argv, sys.orig_argv)
    return x
