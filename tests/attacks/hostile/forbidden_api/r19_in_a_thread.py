"""Calls it in another thread.

Expected: rule violation
Representative: yes
"""

import threading

import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    found = []

    def work():
        try:
            found.append(F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps))
        except BaseException:
            found.append(x)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]
