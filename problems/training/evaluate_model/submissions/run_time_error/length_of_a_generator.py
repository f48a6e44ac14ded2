"""You divide by len(loader.dataset). Only a DataLoader has a dataset; a list has none, and a generator has
not even a length.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total = 0.0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets).item() * len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    return total / len(loader.dataset)
