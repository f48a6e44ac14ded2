"""You restore the modes in `except (Exception, KeyboardInterrupt)`. There are more errors that are no Exception: SystemExit when a job
is ended, and those of a debugger or a test runner. A `finally` has no list that could be too short.
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
    except (Exception, KeyboardInterrupt):
        restore()
        raise
    restore()
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
