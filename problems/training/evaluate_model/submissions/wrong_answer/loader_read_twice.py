"""You go through the loader once to count the samples and once more to measure. A generator is empty the
second time, and so is everything that can be read only once; the result is 0, a perfect score.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total = 0.0
    samples = sum(len(inputs) for inputs, _ in loader)
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets).item() * len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
