"""Only the modules in training are switched back on; NumPy takes the weighted average, which is a float of its own."""

import numpy as np
import torch


def evaluate(model, loader, loss_fn):
    in_training = [m for m in model.modules() if m.training]
    try:
        model.eval()
        with torch.no_grad():
            pairs = [(loss_fn(model(x), y).item(), len(y)) for x, y in loader]
    finally:
        for m in in_training:
            m.training = True
    if not pairs:
        raise ValueError("evaluate() got an empty loader")
    losses, sizes = zip(*pairs)
    return np.average(losses, weights=sizes)
