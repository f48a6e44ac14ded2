"""Raises an error that holds all of its inputs and prints them too, to learn the hidden cases.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print(
        x.tolist(),
        gamma.tolist(),
        beta.tolist(),
        running_mean.tolist(),
        running_var.tolist(),
        eps,
        momentum,
        training,
    )
    raise ValueError(x.tolist(), gamma.tolist())
