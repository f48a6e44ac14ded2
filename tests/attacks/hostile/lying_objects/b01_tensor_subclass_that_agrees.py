"""Returns a tensor subclass whose __torch_function__ says that it is equal to everything.

Expected: wrong answer, run-time error
Representative: yes
"""

import torch


class Agreeable(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in ("allclose", "equal", "isclose", "eq", "__eq__"):
            return True
        return super().__torch_function__(function, types, args, kwargs or {})


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return (x * 0 + gamma * 0 + beta * 0).as_subclass(Agreeable)
