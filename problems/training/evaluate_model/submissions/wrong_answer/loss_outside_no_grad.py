"""Your no_grad block ends before the loss. A loss may have parameters of its own, a learned temperature or
weights, and then it records a graph that nobody asked for.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        for inputs, targets in loader:
            with torch.no_grad():
                predictions = model(inputs)
            loss = loss_fn(predictions, targets)
            total += loss.item() * len(inputs)
            samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
