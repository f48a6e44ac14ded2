"""The losses are added up in float32."""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = torch.zeros(()), 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets) * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total.item() / samples
