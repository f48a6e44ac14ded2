"""Forks in a loop.

Expected: wrong answer, run-time error
Representative: yes
"""

import os
import time

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for _ in range(60):
            try:
                if os.fork() == 0:
                    time.sleep(20)
                    os._exit(0)
                print("LEAKED: forked")
            except OSError:
                pass
    return x
