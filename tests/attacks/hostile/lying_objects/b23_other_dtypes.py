"""Returns complex, boolean, half, quantised, sparse, meta and object results in turn.

Expected: wrong answer, run-time error
"""

import numpy as np
import torch

KINDS = [
    lambda x: x.to(torch.complex64),
    lambda x: x.bool(),
    lambda x: x.half(),
    lambda x: torch.quantize_per_tensor(x.detach(), 0.1, 0, torch.qint8),
    lambda x: x.to_sparse(),
    lambda x: x.to("meta"),
    lambda x: np.array([object()] * 3, dtype=object),
    lambda x: np.zeros(3, dtype=np.longdouble),
    lambda x: np.zeros(3, dtype="datetime64[s]"),
    lambda x: np.zeros(3, dtype="S1000000"),
    lambda x: np.zeros(3, dtype=[("a", "f4"), ("b", "O")]),
    lambda x: torch.nested.nested_tensor([x.detach(), x.detach()[:1]]),
    lambda x: x.detach().numpy().astype(">f4"),
    lambda x: torch._efficientzerotensor(x.shape),
    lambda x: torch._C._functorch._add_batch_dim(x.detach(), 0, 1),
]
calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global calls
    calls += 1
    return KINDS[calls % len(KINDS)](x)
