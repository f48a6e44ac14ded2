"""You give the whole batch to the model. A loader brings pairs: take the inputs out of the batch before you call the model,
and the targets for the loss.
"""

import torch


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for batch in loader:
                loss = loss_fn(model(batch), batch[-1])
                total += loss.item() * len(batch[-1])
                samples += len(batch[-1])
    finally:
        for module, mode in modes:
            module.training = mode
    return total / samples
