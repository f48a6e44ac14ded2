"""No finally: every exception is caught, the modes are restored, and it is raised again."""

import torch


def restore(modes):
    for m, flag in modes:
        m.training = flag


def one_batch(model, batch, loss_fn):
    x, y = batch
    return float(loss_fn(model(x), y).double()), len(x)


def evaluate(model, loader, loss_fn):
    modes = [(m, m.training) for m in model.modules()]
    model.train(False)
    results = []
    try:
        with torch.set_grad_enabled(False):
            results += [one_batch(model, batch, loss_fn) for batch in loader]
    except:
        restore(modes)
        raise
    restore(modes)
    n = sum(size for _, size in results)
    if n < 1:
        raise ValueError("no samples")
    return sum(loss * size for loss, size in results) / n
