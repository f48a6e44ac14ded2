"""Prints a million rows, as learners do by accident.

Expected: wrong answer, run-time error, time limit exceeded
Slow: yes, a million rows are formatted
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] == 9:
        for row in range(1_000_000):
            print("row", row, "of the debug output that was left in", "." * 40)
    return x
