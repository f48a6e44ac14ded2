"""You end with model.train(), whatever the modes were before. A frozen batch norm thaws at the first
evaluation, and a model that was in evaluation when you got it is in training afterwards.
"""

import torch


def evaluate(model, loader, loss_fn):
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets)
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        model.train()
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
