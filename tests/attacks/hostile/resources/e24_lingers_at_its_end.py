"""Leaves a thread that is no demon, an exit hook that sleeps and a destructor that sleeps.

Expected: wrong answer, run-time error
"""

import atexit
import threading
import time

atexit.register(time.sleep, 60)
threading.Thread(target=time.sleep, args=(60,)).start()


class Lingering:
    def __del__(self):
        time.sleep(60)


kept = Lingering()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
