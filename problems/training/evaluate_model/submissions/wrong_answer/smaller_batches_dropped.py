"""You leave out batches that are smaller than the first, as drop_last does in training. In an evaluation
every sample counts, and which ones you drop depends on the batch size.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples, full = 0.0, 0, None
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                full = full or len(inputs)
                if len(inputs) < full:
                    continue
                total += loss_fn(model(inputs), targets).item() * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
