"""Finds the protocol's modules through the frames above and has them encode no result at all.

Expected: wrong answer, run-time error
Slow: yes, the worker starts anew in every case
"""

import sys
import types


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame = sys._getframe(1)
    while frame is not None:
        modules = [each for each in frame.f_globals.values() if isinstance(each, types.ModuleType)]
        ours = [vars(each) for each in modules if each.__name__.startswith("torch_judge")]
        for scope in (frame.f_globals, *ours):
            if "encode" in scope:
                scope["encode"] = lambda value: (["none"], b"")
            for pack in ("pack", "pack_message"):
                if pack in scope:
                    scope[pack].__code__ = (lambda *_a, **_k: b"tj1\n" + bytes(8)).__code__
            if "send_message" in scope:
                scope["send_message"].__globals__["pack_message"].__code__ = (
                    lambda message: b"tj1\n" + bytes(8)
                ).__code__
        frame = frame.f_back
    return x
