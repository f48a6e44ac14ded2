"""Inference mode as a decorator, the modes by name, lists instead of totals."""

import math

import torch


@torch.inference_mode()
def evaluate(model, loader, loss_fn):
    modes = {name: m.training for name, m in model.named_modules()}
    losses, sizes = [], []
    try:
        model.eval()
        for batch in loader:
            inputs, targets = batch
            outputs = model(inputs)
            losses.append(loss_fn(outputs, targets).item())
            sizes.append(targets.shape[0])
    finally:
        for name, m in model.named_modules():
            m.training = modes[name]
    if not sizes:
        raise ValueError("empty loader")
    return math.fsum(l * n for l, n in zip(losses, sizes)) / sum(sizes)
