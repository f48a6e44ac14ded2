"""You smooth the losses as a training curve is smoothed, nine tenths of the old and a tenth of the new. The
first batches fade away, and the result depends on the order of the data.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = None, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets).item()
                total = loss if total is None else 0.9 * total + 0.1 * loss
                samples += len(inputs)
    finally:
        for module, mode in modes:
            module.training = mode
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total
