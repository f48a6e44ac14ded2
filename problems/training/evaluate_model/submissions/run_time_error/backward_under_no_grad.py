"""You left loss.backward() in from the training loop. Without a graph there is nothing to go back through,
and PyTorch says so.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets)
                loss.backward()
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
