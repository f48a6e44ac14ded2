"""Forks twice and leaves its session, to write and listen after it has ended.

Expected: wrong answer, run-time error
Representative: yes
"""

import os
import time


def demon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            end = time.time() + 20
            while time.time() < end:
                time.sleep(1)
                open("/tmp/torch_judge_attack_marker", "a").write("still here")
            os._exit(0)
        os._exit(0)


done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for call in (
            demon,
            os.setsid,
            lambda: os.setpgid(0, 0),
            lambda: os.posix_spawn("/bin/true", ["true"], {}),
            os.forkpty,
        ):
            try:
                call()
                print("LEAKED:", call)
            except OSError as error:
                print(error)
    return x
