"""Opens the installed libraries and its own interpreter for writing, and changes their metadata.

Expected: wrong answer, run-time error
"""

import os
import sys

import numpy
import torch

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for path in (
            torch.__file__,
            numpy.__file__,
            os.__file__,
            sys.executable,
            os.path.realpath(sys.executable),
            torch._C.__file__,
        ):
            for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND):
                try:
                    os.close(os.open(path, flags))
                    print("LEAKED: could write", path)
                except OSError:
                    pass
            for change in (
                lambda p: os.chmod(p, os.stat(p).st_mode & 0o777),
                lambda p: os.rename(p, p),
                lambda p: os.chown(p, 0, 0),
            ):
                try:
                    change(path)
                    print("LEAKED: changed", path)
                except OSError:
                    pass
    return x
