"""You look at the first batch before the loop, to learn the shape of the data. From a list it comes again,
from a generator it is gone: its samples are missing in the mean.
"""

import torch


def evaluate(model, loader, loss_fn):
    first = next(iter(loader), None)
    if first is None:
        raise ValueError("the loader holds no batch")
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets)
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
