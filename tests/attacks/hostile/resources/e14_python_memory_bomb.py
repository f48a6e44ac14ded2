"""Lets a list grow for ever, in pure Python.

Expected: memory limit exceeded, run-time error
Slow: yes, a list grows until there is no memory
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    kept = ["x" * (1 << 20)]
    if x.shape[0] != 9:
        return x
    while True:
        kept.append(kept[-1] + "x" * (8 << 20))
