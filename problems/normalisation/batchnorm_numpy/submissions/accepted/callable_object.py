"""An object that can be called, other names for the parameters, keyword-only options."""

import numpy as np


class BatchNorm:
    def __call__(self, batch, scale, shift, mean_so_far, var_so_far, *, is_training=True, eps=1e-5, momentum=0.1):
        if not is_training:
            return self.standardise(batch, mean_so_far, var_so_far, eps) * scale + shift, mean_so_far, var_so_far
        centre, spread = self.measure(batch)
        output = self.standardise(batch, centre, spread, eps) * scale + shift
        return output, self.blend(mean_so_far, centre, momentum), self.blend(var_so_far, spread, momentum)

    def measure(self, batch):
        centre = np.average(batch, axis=0)
        return centre, np.average((batch - centre) ** 2, axis=0)

    def standardise(self, batch, centre, spread, eps):
        return (batch - centre) / np.sqrt(spread + eps)

    @staticmethod
    def blend(old, new, share):
        return old - share * (old - new)


batchnorm_forward = BatchNorm()
