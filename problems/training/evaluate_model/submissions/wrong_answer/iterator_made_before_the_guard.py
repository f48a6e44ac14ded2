"""You ask the loader for its iterator after `model.eval()` and before your try. `iter` may fail already, when a DataLoader
starts its workers or opens its file: then nothing restores the modes.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]

    def restore():
        for module, mode in modes:
            module.training = mode

    total, samples = 0.0, 0
    model.eval()
    batches = iter(loader)
    try:
        with torch.no_grad():
            for inputs, targets in batches:
                total += loss_fn(model(inputs), targets).item() * len(inputs)
                samples += len(inputs)
    finally:
        restore()
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
