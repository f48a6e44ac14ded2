"""You switch the recording off and afterwards on, whatever it was before. Called under torch.no_grad(), your
function switches gradients on for the rest of that block.
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
        torch.set_grad_enabled(True)
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
