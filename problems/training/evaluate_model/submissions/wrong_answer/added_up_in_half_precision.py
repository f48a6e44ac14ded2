"""The end of a long loader does not count. Usually the losses are added up in bfloat16, which keeps three digits: as
the sum grows, a batch changes it less and less, and at some point not at all.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = torch.zeros((), dtype=torch.bfloat16), 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets) * len(inputs)
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total.item() / samples
