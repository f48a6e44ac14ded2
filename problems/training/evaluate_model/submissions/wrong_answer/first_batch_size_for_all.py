"""You take the first batch's size for the size of all of them. The last batch is often smaller, and is
counted with samples that it does not have.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples, batch_size = 0.0, 0, None
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                batch_size = batch_size or len(inputs)
                total += loss_fn(model(inputs), targets).item() * batch_size
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
