"""Looks for the judge's sources and the bank's texts in the line cache, in modules and in objects.

Expected: wrong answer, run-time error
"""

import gc
import linecache
import sys
import types

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for name, entry in list(linecache.cache.items()):
            if "torch_judge" in name or name in ("cases.py", "solution.py"):
                print("LEAKED: the line cache holds", name)
        for name, module in list(sys.modules.items()):
            ours = name.partition(".")[0] in ("torch_judge", "cases", "solution")
            if ours and getattr(module, "__file__", None):
                print("LEAKED: module", name)
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType) and thing.__module__ == "solution":
                print("LEAKED: a function of the jury", thing)
    return x
