"""You restore the modes after the loop, so only if it comes to its end. One bad batch, and the model stays in
evaluation although the exception was caught further up.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            total += loss_fn(model(inputs), targets).item() * len(inputs)
            samples += len(inputs)
    for module, mode in modes:
        module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
