"""You switch batch norm and dropout, the two layers that everybody names. Every module may look at its mode,
and a layer of somebody else's class stays in training.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        known = (torch.nn.modules.batchnorm._BatchNorm, torch.nn.modules.dropout._DropoutNd)
        for module in model.modules():
            if isinstance(module, known) or not list(module.children()) and type(module).__module__.startswith("torch."):
                module.eval()
            elif list(module.children()):
                module.training = False
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
