"""You put a softmax between the model and the loss. The losses of PyTorch that want probabilities' logarithms
take it themselves, and a regression has no use for it: hand on what the model returns.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                predictions = torch.softmax(model(inputs), dim=-1)
                total += loss_fn(predictions, targets).item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
