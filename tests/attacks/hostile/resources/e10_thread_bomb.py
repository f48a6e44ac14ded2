"""Starts as many threads as it can get, all of them sleeping.

Expected: wrong answer, run-time error, memory limit exceeded, time limit exceeded
Slow: yes, thousands of threads are started
"""

import threading
import time

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        try:
            for _ in range(5000):
                threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        except RuntimeError as error:
            print(error)
    return x
