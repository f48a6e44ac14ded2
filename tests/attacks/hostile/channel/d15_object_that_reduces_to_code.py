"""Returns objects whose pickles, copies, representations and arrays run code.

Expected: wrong answer, run-time error
Representative: yes
"""

import os


def attack(*_a, **_k):
    os.system("touch /tmp/torch_judge_attack_marker")
    raise SystemExit(0)


class Bomb:
    __reduce__ = __reduce_ex__ = __getstate__ = __deepcopy__ = __array__ = __repr__ = __str__ = __format__ = (
        __iter__
    ) = attack
    __len__ = __float__ = __int__ = __index__ = __bool__ = __hash__ = __eq__ = __torch_function__ = (
        __array_interface__
    ) = attack
    __array_function__ = __dlpack__ = _repr_html_ = _repr_png_ = _ipython_display_ = _repr_mimebundle_ = (
        attack
    )


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return {"output": Bomb()}
