"""Asks the kernel who is at the other end of the channel: its process, its user, and a handle on it.

Expected: run-time error, wrong answer
"""

import os
import socket
import struct

SO_PEERPIDFD = 77


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    channel = socket.socket(fileno=os.dup(3))
    try:
        print(
            "LEAKED: the conductor is",
            struct.unpack("3i", channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)),
        )
    except OSError as error:
        print(type(error).__name__)
    try:
        print("LEAKED: a handle on the conductor", channel.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD))
    except OSError as error:
        print(type(error).__name__)
    return x
