"""Reads the conductor and the server through /proc: environment, memory, maps, descriptors, command line.

Expected: wrong answer, run-time error
Representative: yes
"""

import os

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for pid in (
            "self",
            str(os.getppid()),
            "1",
            "thread-self",
            *map(str, range(os.getppid() - 3, os.getpid())),
        ):
            for name in (
                "environ",
                "maps",
                "mem",
                "cmdline",
                "stat",
                "status",
                "fd",
                "cwd",
                "exe",
                "root",
                "task",
                "auxv",
                "net/tcp",
                "mountinfo",
            ):
                path = f"/proc/{pid}/{name}"
                try:
                    print("LEAKED:", path, open(path, "rb").read(40))
                except OSError:
                    pass
                if os.path.realpath(path) == os.getcwd():
                    continue
                try:
                    print("LEAKED: listed", path, os.listdir(path)[:5])
                except OSError:
                    pass
    return x
