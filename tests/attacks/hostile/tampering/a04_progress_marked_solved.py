"""Imports the judge and marks the problem solved.

Expected: wrong answer, run-time error
"""

import sys

for name in (
    "torch_judge",
    "torch_judge.learning.history",
    "torch_judge.model.report",
    "torch_judge.judging.judge",
    "torch_judge.tasks",
):
    try:
        module = __import__(name, fromlist=["x"])
        for attribute in ("mark_solved", "record", "solved"):
            getattr(module, attribute)("batchnorm")
        module.TASKS["batchnorm"]["tests"].clear()
    except Exception as error:
        print(name, type(error).__name__, error)
real = [name for name, module in sys.modules.items() if "torch_judge" in str(getattr(module, "__file__", ""))]


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if real:
        print("LEAKED: the judge's own modules are still there:", real)
    return x
