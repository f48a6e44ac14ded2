"""You return a tensor without dimensions. It prints like a number, but it goes neither into a JSON log nor
into a comparison of types, and the statement asks for a Python float.
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
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return torch.tensor(total / samples)
