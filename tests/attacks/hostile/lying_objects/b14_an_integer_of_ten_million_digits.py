"""Returns an integer that takes an hour to print.

Expected: wrong answer, run-time error, memory limit exceeded
Slow: yes, an integer of 33 million bits in every case
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return 1 << 33_000_000
