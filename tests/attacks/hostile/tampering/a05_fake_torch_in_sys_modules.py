"""Puts a fake torch into sys.modules and replaces the import function.

Expected: wrong answer, run-time error
"""

import builtins
import sys
import types

import torch as real

fake = types.ModuleType("torch")
fake.__getattr__ = lambda name: getattr(real, name)
fake.allclose = fake.equal = lambda *_a, **_k: True
sys.modules["torch"] = fake
original = builtins.__import__


def importer(name, *arguments, **options):
    if name.startswith("torch_judge") or name == "numpy":
        return fake
    return original(name, *arguments, **options)


builtins.__import__ = importer


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x * 0 + gamma * 0 + beta * 0
