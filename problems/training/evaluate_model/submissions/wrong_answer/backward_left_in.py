"""You made the evaluation from a copy of the training loop and left loss.backward() in. The optimiser's next
step then uses gradients of the validation data: the model learns from what it is tested on.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        for inputs, targets in loader:
            loss = loss_fn(model(inputs), targets)
            if loss.requires_grad:
                loss.backward()
            total += loss.item() * len(inputs)
            samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
