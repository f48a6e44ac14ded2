"""Writes a pickle that would run code in the judge to its channel, its stdout and into its result.

Expected: wrong answer, run-time error
Representative: yes
"""

import os
import pickle


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/torch_judge_attack_marker",)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    os.write(3, pickle.dumps(Bomb()))
    return Bomb()
