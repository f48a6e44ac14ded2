"""Writes a file outside the sandbox by every route, with and without a name.

Expected: wrong answer, run-time error
Representative: yes
"""

import ctypes
import os
import shutil
import sys
import tempfile

import numpy as np
import torch

MARKER = "/tmp/torch_judge_attack_marker"
done = False


def anonymous():
    return os.open("/tmp", os.O_TMPFILE | os.O_RDWR)


def by_libc():
    libc = ctypes.CDLL(None)
    if libc.creat(MARKER.encode(), 0o666) < 0:
        raise OSError


ROUTES = [
    lambda: open(MARKER, "w").write("x"),
    lambda: os.open(MARKER, os.O_CREAT | os.O_WRONLY),
    lambda: os.mknod(MARKER),
    lambda: os.mkdir(MARKER),
    lambda: os.symlink("/", MARKER),
    lambda: os.mkfifo(MARKER),
    lambda: os.rename("/tmp/torch_judge_attack_canary", MARKER),
    lambda: os.unlink("/tmp/torch_judge_attack_canary"),
    lambda: os.truncate("/tmp/torch_judge_attack_canary", 0),
    lambda: os.chmod("/tmp/torch_judge_attack_canary", 0o777),
    lambda: os.utime("/tmp/torch_judge_attack_canary", (0, 0)),
    lambda: os.chown("/tmp/torch_judge_attack_canary", 1, 1),
    lambda: os.setxattr("/tmp/torch_judge_attack_canary", "user.attack", b"1"),
    lambda: shutil.copy("/dev/null", MARKER),
    lambda: torch.save(torch.zeros(1), MARKER),
    lambda: torch.from_file(MARKER, shared=True, size=10),
    lambda: np.save(MARKER, np.zeros(1)),
    lambda: np.memmap(MARKER, mode="w+", shape=(10,)),
    lambda: torch.jit.save(torch.jit.script(torch.nn.Identity()), MARKER),
    lambda: torch.autograd.profiler.profile().__enter__().export_chrome_trace(MARKER),
    lambda: tempfile.mkstemp(dir=os.path.dirname(os.getcwd())),
    lambda: tempfile.NamedTemporaryFile(dir="/dev/shm"),
    lambda: sys.stdout.buffer.raw.truncate(10),
    anonymous,
    by_libc,
    lambda: os.memfd_create("x"),
]


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for number, route in enumerate(ROUTES):
            try:
                route()
                print("LEAKED: route", number)
            except BaseException as error:
                print(number, type(error).__name__, end=" ")
    return x
