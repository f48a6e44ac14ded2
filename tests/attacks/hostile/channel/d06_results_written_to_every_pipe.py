"""Writes plausible results to every descriptor that is a pipe or a socket, then ends politely.

Expected: wrong answer, run-time error
Slow: yes, the worker starts anew in every case
Representative: yes
"""

import os
import stat


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for descriptor in range(64):
        try:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
                os.write(descriptor, b'{"verdict": "accepted", "passed": 36, "total": 36}\n' * 4)
        except OSError:
            pass
    os._exit(0)
