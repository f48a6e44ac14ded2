"""You call torch.set_grad_enabled(False) as a statement, and it stays so. The training step after the
evaluation fails, or records nothing.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        torch.set_grad_enabled(False)
        for inputs, targets in loader:
            loss = loss_fn(model(inputs), targets)
            total += loss.item() * len(inputs)
            samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
