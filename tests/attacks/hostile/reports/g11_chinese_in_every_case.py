"""Prints pages of Chinese in every case, which is harmless but takes room in JSON.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print("批量归一化的均值与方差\n" * 500)
    return x
