"""You squeeze the predictions before the loss. Against targets of shape (N, 1) they are then broadcast to a
table of N times N pairs, every prediction against every target, and the loss is the mean of that.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                predictions = model(inputs).squeeze(1)
                total += loss_fn(predictions, targets).item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
