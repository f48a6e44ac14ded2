"""You guard what happens inside the loop. The loader runs between two rounds of it, outside of your try: when
it raises, on a broken file for instance, the modes are not restored.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]

    def restore():
        for module, mode in modes:
            module.training = mode

    total, samples = 0.0, 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            try:
                total += loss_fn(model(inputs), targets).item() * len(inputs)
                samples += len(inputs)
            except BaseException:
                restore()
                raise
    restore()
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
