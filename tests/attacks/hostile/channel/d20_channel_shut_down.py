"""Shuts the channel down in both directions, with a thread that stays.

Expected: run-time error
"""

import os
import socket
import threading
import time

threading.Thread(target=time.sleep, args=(60,)).start()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if x.shape[0] in (9, 16):
        socket.socket(fileno=os.dup(3)).shutdown(socket.SHUT_RDWR)
    return x
