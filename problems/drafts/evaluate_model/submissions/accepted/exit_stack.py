"""Each module's way back is registered before it is switched; a class adds up."""

from contextlib import ExitStack

import torch


class Meter:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n):
        self.total += value * n
        self.count += n

    @property
    def average(self):
        if self.count == 0:
            raise ValueError("the loader was empty")
        return self.total / self.count


def evaluate(model, loader, loss_fn):
    meter = Meter()
    with ExitStack() as stack:
        for module in model.modules():
            stack.callback(setattr, module, "training", module.training)
        model.apply(lambda module: module.eval())
        stack.enter_context(torch.no_grad())
        for inputs, targets in loader:
            prediction = model(inputs)
            meter.update(loss_fn(prediction, targets).item(), prediction.shape[0])
    return meter.average
