"""Opens files and pipes until there are no descriptors left.

Expected: run-time error, wrong answer
"""

import os

kept = []


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    try:
        while True:
            kept.append(os.pipe())
    except OSError as error:
        print(len(kept), error)
    try:
        while True:
            kept.append(os.dup(3))
    except OSError:
        pass
    return x
