"""You weight each batch by how many numbers its inputs hold. When samples differ in length from batch to
batch, as sentences do, long samples count more than short ones; a batch counts with its samples here.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets).item() * inputs.numel()
                samples += inputs.numel()
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
