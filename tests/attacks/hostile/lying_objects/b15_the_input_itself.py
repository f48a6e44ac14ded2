"""Returns the input, or a view of it, and changes it afterwards from a thread.

Expected: wrong answer, run-time error
"""

import threading
import time


def later(x):
    time.sleep(0.01)
    x.detach().zero_()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    threading.Thread(target=later, args=(x,), daemon=True).start()
    return x.view(x.shape)
