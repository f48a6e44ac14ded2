"""Leaves threads behind that change the results after they were returned and print for ever.

Expected: wrong answer, run-time error
Slow: yes, threads work beside every case
"""

import threading
import time

import torch


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def change(each):
    while True:
        with torch.no_grad():
            each.add_(1)
        print("later")
        time.sleep(0.0001)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for each in (running_mean, running_var):
        threading.Thread(target=change, args=(each,), daemon=True).start()
    time.sleep(0.002)
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
