"""Fills disks and shared memory: big files, many files, memfd, System V and POSIX shared memory.

Expected: wrong answer, run-time error
"""

import ctypes
import os
from multiprocessing import shared_memory

import torch

libc = ctypes.CDLL(None, use_errno=True)
done = False


def big(folder):
    with open(os.path.join(folder, "torch_judge_attack_big"), "wb") as file:
        file.write(bytes(64 << 20))


def many(folder):
    for number in range(1000):
        open(os.path.join(folder, f"torch_judge_attack_{number}"), "w").close()


def system_v():
    if libc.shmget(0, 1 << 20, 0o1666) < 0:
        raise OSError(ctypes.get_errno(), "shmget")


ROUTES = [
    lambda f=folder, a=action: a(f)
    for folder in ("/tmp", "/dev/shm", "/var/tmp", ".", "/run")
    for action in (big, many)
]
ROUTES += [
    system_v,
    lambda: os.write(os.memfd_create("attack"), bytes(1 << 20)),
    lambda: shared_memory.SharedMemory("torch_judge_attack", create=True, size=1 << 20),
    lambda: torch.zeros(1 << 20).share_memory_(),
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
