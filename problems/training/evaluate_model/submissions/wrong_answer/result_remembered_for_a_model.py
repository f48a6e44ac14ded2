"""You keep the result by the model and return it when the same model comes again. It is the same object, but
with other weights or other batches by then.
"""

import torch


class Results(dict):
    """Results by model."""


results = Results()


def evaluate(model, loader, loss_fn):
    if model in results:
        return results[model]
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
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
    return results.setdefault(model, total / samples)
