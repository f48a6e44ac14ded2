"""Returns a string of a gigabyte.

Expected: time limit exceeded, wrong answer, run-time error, memory limit exceeded
Slow: yes, a gigabyte is written before it is refused
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x if x.shape[0] != 9 else "torch" * (200 << 20)
