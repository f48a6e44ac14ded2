"""Changes affinity, priority and thread counts, and leaves spinning threads.

Expected: wrong answer, run-time error
Slow: yes, threads spin for two seconds
"""

import ctypes
import os
import resource
import threading
import time

import torch

libc = ctypes.CDLL(None)
done = False


def spin():
    end = time.monotonic() + 2
    while time.monotonic() < end:
        pass


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        tries = [
            lambda: os.sched_setaffinity(0, {0}),
            lambda: os.sched_setaffinity(os.getppid(), {0}),
            lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
            lambda: os.nice(-20),
            lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
            lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
            lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3)),
            lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2),
            lambda: resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY,) * 2),
        ]
        for number, attempt in enumerate(tries):
            try:
                attempt()
                print("LEAKED:", number)
            except (OSError, ValueError):
                pass
        torch.set_num_threads(64)
        for _ in range(2):
            threading.Thread(target=spin, daemon=True).start()
    return x
