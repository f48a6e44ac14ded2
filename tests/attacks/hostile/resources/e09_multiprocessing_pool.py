"""Uses a pool of processes, as learners do by accident.

Expected: run-time error, time limit exceeded
"""

from multiprocessing import Pool


def square(value):
    return value * value


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    with Pool(2) as pool:
        pool.map(square, range(4))
    return x
