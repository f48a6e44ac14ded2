"""You weight each batch by how many numbers its targets hold. That counts samples as long as each has one target;
where samples have targets of different lengths, long ones count more, and a batch is to count with its samples.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets).item() * targets.numel()
                samples += targets.numel()
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
