"""You keep the loss in a variable that each batch overwrites, and return what the last one left there. The
number jumps about from evaluation to evaluation, because it is measured on a handful of samples.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total = loss_fn(model(inputs), targets).item()
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total
