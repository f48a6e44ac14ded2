"""Raises errors that look like the machine's: out of memory, disk full, no descriptors, torch's own.

Expected: memory limit exceeded, run-time error, wrong answer
"""

import errno
import os

import torch

KINDS = [
    MemoryError("the judge has no memory"),
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 0 bytes"),
    ImportError("No module named torch"),
    BrokenPipeError("the conductor hung up"),
    EOFError(),
    ConnectionResetError(),
    torch.OutOfMemoryError("CUDA out of memory") if hasattr(torch, "OutOfMemoryError") else MemoryError(),
]


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    raise KINDS[(x.shape[0] + x.shape[1]) % len(KINDS)]
