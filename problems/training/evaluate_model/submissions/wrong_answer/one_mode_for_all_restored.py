"""You remember the model's own mode and give it to everything with model.train(mode). Each submodule has a
mode of its own: a frozen batch norm inside a model in training thaws.
"""

import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    total, samples = 0.0, 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in loader:
                loss = loss_fn(model(inputs), targets)
                total += loss.item() * len(inputs)
                samples += len(inputs)
    finally:
        model.train(was_training)
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
