"""Lets TorchScript freeze, optimise and fuse a module that holds a batch norm.

Expected: rule violation, run-time error
"""

import torch


class Net(torch.nn.Module):
    def __init__(self, count):
        super().__init__()
        self.linear = torch.nn.Linear(count, count)
        self.norm = torch.nn.BatchNorm1d(count)

    def forward(self, x):
        return self.norm(self.linear(x))


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    net = Net(x.shape[1]).eval()
    frozen = torch.jit.freeze(torch.jit.script(net))
    for make in (lambda: torch.jit.optimize_for_inference(frozen), lambda: frozen):
        try:
            return make()(x.detach())
        except Exception as error:
            print(type(error).__name__)
    return torch.nn.utils.fusion.fuse_linear_bn_eval(net.linear, net.norm)(x.detach())
