"""Returns a dict with a million keys.

Expected: wrong answer, run-time error, memory limit exceeded
Slow: yes, a million keys are made and refused
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x if x.shape[0] != 9 else dict.fromkeys(map(str, range(1_000_000)), 0.0)
