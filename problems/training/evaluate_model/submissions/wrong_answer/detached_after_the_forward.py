"""You detach the predictions when the model has returned them. By then the graph has been built and all
activations are held; the recording must be off while the model runs.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        for inputs, targets in loader:
            predictions = model(inputs).detach()
            with torch.no_grad():
                loss = loss_fn(predictions, targets)
            total += loss.item() * len(inputs)
            samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
