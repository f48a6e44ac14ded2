"""After an empty loader the model is still in eval mode. Usually the loop is guarded with an except, but the ValueError
of the empty loader is raised after it and before the modes are restored.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    model.eval()
    try:
        with torch.no_grad():
            for inputs, targets in loader:
                total += loss_fn(model(inputs), targets).item() * len(inputs)
                samples += len(inputs)
    except BaseException:
        for module, mode in modes:
            module.training = mode
        raise
    if samples == 0:
        raise ValueError("the loader holds no batch")
    for module, mode in modes:
        module.training = mode
    return total / samples
