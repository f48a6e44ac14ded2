"""Uses a DataLoader with worker processes, as learners do by accident.

Expected: run-time error
"""

import torch
from torch.utils.data import DataLoader, TensorDataset


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    loader = DataLoader(TensorDataset(x.detach()), batch_size=2, num_workers=2)
    return torch.cat([batch for (batch,) in loader])
