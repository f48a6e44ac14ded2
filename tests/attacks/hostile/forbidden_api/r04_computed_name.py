"""Computes the name of the function, through importlib and base64.

Expected: rule violation
"""

import base64
import importlib


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    module = importlib.import_module(base64.b64decode("dG9yY2gubm4uZnVuY3Rpb25hbA==").decode())
    return getattr(module, "batch" + "_norm")(
        x, running_mean, running_var, gamma, beta, training, momentum, eps
    )
