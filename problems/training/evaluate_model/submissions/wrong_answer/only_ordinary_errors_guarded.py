"""You restore the modes in `except Exception`. Stopping a notebook cell raises KeyboardInterrupt, which is no
Exception: the most usual way to end a long evaluation leaves the model in evaluation.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]

    def restore():
        for module, mode in modes:
            module.training = mode

    total, samples = 0.0, 0
    model.eval()
    try:
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets).item() * len(inputs)
                samples += len(inputs)
    except Exception:
        restore()
        raise
    restore()
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
