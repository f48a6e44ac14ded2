"""You return x itself, without normalising. Good enough to see the rest of a network run, and a placeholder
that is easily forgotten.
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
