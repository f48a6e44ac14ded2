"""Ignores every signal, disarms the timers and sleeps through every exception, in one case.

Expected: time limit exceeded
"""

import signal
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


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] == 9:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
        while True:
            try:
                time.sleep(1000)
            except BaseException:
                pass
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
