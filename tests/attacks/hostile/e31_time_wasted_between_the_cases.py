"""Sends 60 MiB in the largest legal frame of every case and dies, so that all the judge's own work costs time.

Expected: wrong answer, run-time error, time limit exceeded, memory limit exceeded
"""

import json
import os
import struct
import sys
import time


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    name = sys._getframe(1).f_code.co_name
    head = json.dumps(
        {
            "kind": "observation",
            "case": name,
            "tree": ["list", [["tensor", "uint8", [1]]] * 9000 + [["tensor", "uint8", [60 << 20]]]],
        }
    ).encode()
    body = bytes((60 << 20) + 9000)
    time.sleep(0.4)
    data = memoryview(struct.pack("!4sII", b"tj1\n", len(head), len(body)) + head + body)
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)
