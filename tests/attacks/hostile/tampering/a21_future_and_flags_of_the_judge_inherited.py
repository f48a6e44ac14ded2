"""Replaces json, struct, numpy.frombuffer and sockets, so that whatever the judge says there is bent.

Expected: wrong answer, run-time error
"""

import json
import socket
import struct

import numpy as np

json.dumps = lambda *_a, **_k: '{"case": "x", "verdict": "accepted"}'
json.loads = lambda *_a, **_k: {"case": "x"}
np.frombuffer = np.asarray = lambda *_a, **_k: np.zeros(1)
socket.socket.sendall = lambda self, data: None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
