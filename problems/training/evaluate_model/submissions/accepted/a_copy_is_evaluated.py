"""A deep copy is evaluated, so that there is nothing to restore."""

import copy

import torch


def evaluate(model, loader, loss_fn):
    twin = copy.deepcopy(model).eval()
    sum_of_losses = torch.zeros((), dtype=torch.float64)
    n_samples = 0
    with torch.no_grad():
        for inputs, targets in loader:
            n = inputs.shape[0]
            sum_of_losses += loss_fn(twin(inputs), targets).double() * n
            n_samples += n
    if n_samples == 0:
        raise ValueError("loader is empty")
    return (sum_of_losses / n_samples).item()
