"""You switch requires_grad off and afterwards on for all parameters. Those that were frozen on purpose are
trained from then on.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        model.requires_grad_(False)
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets)
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        model.requires_grad_(True)
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
