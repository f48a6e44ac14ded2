"""You give the recording its old state back after the loop and not in the finally, where the modes are. After
an exception gradients stay off, and the next training step learns nothing.
"""

import torch


def evaluate(model, loader, loss_fn):
    recording = torch.is_grad_enabled()
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
    torch.set_grad_enabled(recording)
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
