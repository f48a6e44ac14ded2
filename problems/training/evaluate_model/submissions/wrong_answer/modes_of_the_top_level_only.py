"""You remember the modes of the model and of its children and give them back with train(mode). That reaches
further down than you looked: what stands deeper gets the mode of its child.
"""

import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    modes = [(child, child.training) for child in model.children()]
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
        for child, mode in modes:
            child.train(mode)
    if samples == 0:
        raise ValueError("the loader holds no batch")
    return total / samples
