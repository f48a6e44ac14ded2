"""Reaches open, os and subprocess again through subclasses, reloads and low-level modules.

Expected: wrong answer, run-time error
"""

import _io
import importlib
import os
import posix

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        popen = [each for each in ().__class__.__base__.__subclasses__() if each.__name__ == "Popen"]
        loaders = [each for each in ().__class__.__base__.__subclasses__() if each.__name__ == "FileLoader"]
        routes = [
            lambda: _io.FileIO("/tmp/torch_judge_attack_canary").read(),
            lambda: importlib.reload(os).open("/tmp/torch_judge_attack_canary", 0),
            lambda: posix.open("/tmp/torch_judge_attack_canary", 0),
            lambda: popen[0](["touch", "/tmp/torch_judge_attack_marker"]),
            lambda: loaders[0]("x", "/tmp/torch_judge_attack_canary").get_data(
                "/tmp/torch_judge_attack_canary"
            ),
        ]
        for route in routes:
            try:
                print("LEAKED:", route())
            except BaseException as error:
                print(type(error).__name__)
    return x
