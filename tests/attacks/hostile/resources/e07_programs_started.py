"""Starts programs by every route of the standard library and of libc.

Expected: wrong answer, run-time error
Representative: yes
"""

import _posixsubprocess
import ctypes
import os
import pty
import subprocess

done = False
TOUCH = ["/usr/bin/touch", "/tmp/torch_judge_attack_marker"]
libc = ctypes.CDLL(None, use_errno=True)


def low_level():
    readable, writable = os.pipe()
    return _posixsubprocess.fork_exec(
        TOUCH,
        [b"/usr/bin/touch"],
        True,
        (writable,),
        None,
        None,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        readable,
        writable,
        True,
        False,
        -1,
        None,
        None,
        None,
        -1,
        None,
        True,
    )


def by_libc():
    if libc.system(b"touch /tmp/torch_judge_attack_marker") != 0:
        raise OSError("system")


def by_exec():
    arguments = (ctypes.c_char_p * 3)(*[each.encode() for each in TOUCH], None)
    libc.execv(TOUCH[0].encode(), arguments)
    libc.syscall(322, -100, TOUCH[0].encode(), arguments, None, 0)
    raise OSError(ctypes.get_errno(), "execve")


ROUTES = {
    "subprocess": lambda: subprocess.run(TOUCH, check=True),
    "system": lambda: 1 / (os.system(" ".join(TOUCH)) == 0),
    "popen": lambda: os.popen(" ".join(TOUCH)).read(),
    "spawn": lambda: os.spawnv(os.P_WAIT, TOUCH[0], TOUCH),
    "posix_spawn": lambda: os.posix_spawn(TOUCH[0], TOUCH, {}),
    "pty": lambda: pty.spawn(TOUCH),
    "fork_exec": low_level,
    "libc": by_libc,
    "execve": by_exec,
}


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for name, route in ROUTES.items():
            try:
                route()
                print("LEAKED:", name)
            except BaseException as error:
                print(name, type(error).__name__, end="; ")
    return x
