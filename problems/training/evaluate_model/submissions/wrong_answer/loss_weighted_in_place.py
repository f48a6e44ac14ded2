"""You weight the loss with `*=`, which changes the very tensor that loss_fn returned. Whoever keeps it, for a
plot perhaps, finds another number in it afterwards.
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
                if loss.dtype is torch.bfloat16:
                    loss = loss.double()
                loss *= len(inputs)
                total += loss.item()
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
