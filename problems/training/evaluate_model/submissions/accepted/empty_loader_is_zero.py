"""An empty loader gives 0.0; the losses are weighted as tensors, in their own dtype."""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += (loss_fn(model(inputs), targets) * len(inputs)).item()
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        return 0.0
    return total / samples
