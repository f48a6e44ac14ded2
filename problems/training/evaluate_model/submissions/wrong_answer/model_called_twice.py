"""You call the model once for its predictions and once more inside the loss. The result is the same, but every
evaluation takes twice as long, and whatever counts the model's calls, a hook for instance, counts too many.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                predictions = model(inputs)
                total += loss_fn(model(inputs), targets).item() * len(predictions)
                samples += len(predictions)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
