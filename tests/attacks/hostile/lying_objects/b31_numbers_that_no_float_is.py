"""Returns Python floats and NumPy scalars in the place of tensors: NaN, infinity, minus zero, float128.

Expected: wrong answer, run-time error
"""

import numpy as np

KINDS = [
    float("nan"),
    float("-inf"),
    -0.0,
    np.float64("nan"),
    np.longdouble(1),
    np.bool_(True),
    np.float16(1),
    10**700,
    True,
    None,
    b"bytes",
    ...,
]
calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global calls
    calls += 1
    return KINDS[calls % len(KINDS)]
