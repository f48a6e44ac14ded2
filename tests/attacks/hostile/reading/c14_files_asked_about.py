"""Asks about files that it cannot open, the bank's and the home's: sizes, times, owners, links.

Expected: wrong answer, run-time error
"""

import os
import sys

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        root = sys._getframe(1).f_code.co_filename.partition("/torch_judge/")[0]
        for path in ("/root", root, f"{root}/problems/normalisation/batchnorm", "/tmp", "/home"):
            try:
                print("LEAKED: listed", path, os.listdir(path)[:3])
            except OSError:
                pass
            try:
                print("LEAKED: watched", path, __import__("ctypes").CDLL(None).inotify_init() >= 0 or 1 / 0)
            except ZeroDivisionError:
                pass
        try:
            print("LEAKED: link", os.readlink(f"/proc/{os.getppid()}/cwd"))
        except OSError:
            pass
    return x
