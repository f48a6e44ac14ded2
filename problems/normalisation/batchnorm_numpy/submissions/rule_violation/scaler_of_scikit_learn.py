"""You let scikit-learn's StandardScaler measure the batch. The statistics are a part of what this problem asks you
to write.
"""

import numpy as np
from sklearn.preprocessing import StandardScaler


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    mean, var = running_mean, running_var
    if is_training:
        scaler = StandardScaler().fit(x)
        mean, var = scaler.mean_.astype(x.dtype), scaler.var_.astype(x.dtype)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, running_mean, running_var
