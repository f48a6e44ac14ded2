"""You switch to evaluation and never back. From the first evaluation on the training goes on without dropout
and with frozen running statistics, and nothing says so.
"""

import torch


def evaluate(model, loader, loss_fn):
    total, samples = 0.0, 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            loss = loss_fn(model(inputs), targets)
            total += loss.item() * len(inputs)
            samples += len(inputs)
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
