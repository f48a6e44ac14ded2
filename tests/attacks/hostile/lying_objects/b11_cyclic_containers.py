"""Returns a list that holds itself, in a dict that holds the list.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    cycle = [x]
    cycle.append(cycle)
    return {"cycle": cycle, "again": {"cycle": cycle}}
