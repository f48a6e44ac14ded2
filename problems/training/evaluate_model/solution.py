"""Evaluation of a model: the mean of a loss over all samples, as in the definition of empirical risk,
(1 / N) * sum of the losses of the N samples, put together from the means of batches.
"""

import torch


def evaluate(model, loader, loss_fn):
    """Return the mean loss per sample; the model comes back in the modes in which it came."""
    # Every submodule has a mode of its own, so one flag for the whole model is not enough.
    modes = [(module, module.training) for module in model.modules()]
    total, samples = 0.0, 0
    try:
        model.eval()  # dropout off, batch norm with its running statistics
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets)
                # The loss is a mean over its batch: times the batch's size, it is the batch's sum.
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        # Runs after an error too. module.train(mode) would change the modules below it as well.
        for module, mode in modes:
            module.training = mode
    return total / samples  # a ZeroDivisionError says it if there was no batch
