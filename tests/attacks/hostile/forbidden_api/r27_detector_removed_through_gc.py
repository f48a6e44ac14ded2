"""Finds the libraries that replace the operators with gc and destroys them, and every list of violations too.

Expected: rule violation, wrong answer, run-time error
"""

import gc

import torch
import torch.nn.functional as F

for thing in gc.get_objects():
    if isinstance(thing, torch.library.Library):
        thing._destroy()
    if type(thing).__name__ == "Worker":
        thing._record = lambda *_a: None
for thing in gc.get_objects():
    if type(thing).__name__ == "function" and thing.__name__ == "refuse":
        for cell in thing.__closure__:
            cell.cell_contents = lambda *_a: None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Worker":
            thing._violations.clear()
    try:
        return F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
    finally:
        for thing in gc.get_objects():
            if type(thing).__name__ == "Worker":
                thing._violations = []
