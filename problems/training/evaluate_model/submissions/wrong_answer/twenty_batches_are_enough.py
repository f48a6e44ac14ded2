"""You stop after twenty batches, perhaps to save time while you were developing. On a larger data set the
rest is never measured, and nothing says so.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples, batches = 0.0, 0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                if batches == 20:
                    break
                batches += 1
                total += loss_fn(model(inputs), targets).item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
