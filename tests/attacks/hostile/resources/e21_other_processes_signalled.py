"""Sends signals to its parent, its group and everybody, by every call there is.

Expected: wrong answer, run-time error
Representative: yes
"""

import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        parent = os.getppid()
        tries = {
            "kill": lambda: libc.kill(parent, 0),
            "kill all": lambda: libc.kill(-1, 0),
            "kill init": lambda: libc.kill(1, 0),
            "killpg": lambda: libc.killpg(os.getpgid(parent), 0),
            "kill group 0": lambda: libc.syscall(62, 0, 0),
            "tkill": lambda: libc.syscall(200, parent, 0),
            "tgkill": lambda: libc.syscall(234, parent, parent, 0),
            "tgkill in 64 bits": lambda: libc.syscall(
                234, ctypes.c_uint64(os.getpid() | 1 << 32), ctypes.c_uint64(parent), 0
            ),
            "kill in 64 bits": lambda: libc.syscall(62, ctypes.c_uint64(parent | 1 << 32), 0),
            "sigqueue": lambda: libc.sigqueue(parent, 0, None),
            "fcntl owner": lambda: libc.fcntl(3, 8, parent),
            "pdeathsig": lambda: libc.prctl(1, 0, 0, 0, 0),
            "dumpable": lambda: libc.prctl(4, 1, 0, 0, 0),
            "subreaper": lambda: libc.prctl(36, 1, 0, 0, 0),
        }
        for name, attempt in tries.items():
            if attempt() == 0 and name != "kill group 0":
                print("LEAKED:", name)
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
            try:
                os.kill(parent, number)
                print("LEAKED: killed the parent")
            except OSError:
                pass
    return x
