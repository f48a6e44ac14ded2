"""The result is a copy of the convolution, with nothing folded into it. Dropping the batch norm is only right once its
work is done elsewhere.
"""

import copy


def fold_batchnorm(conv, bn):
    return copy.deepcopy(conv)
