"""Makes the entry point a coroutine function.

Expected: wrong answer, run-time error
"""


async def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
