"""Writes a well-formed frame for the case that is running, with an observation of zeros, then ends politely.

Expected: wrong answer, run-time error
"""

import json
import os
import struct
import sys


def frame(header, body=b""):
    head = json.dumps(header).encode()
    return struct.pack("!4sII", b"tj1\n", len(head), len(body)) + head + body


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    name = sys._getframe(1).f_code.co_name
    observation = ["dict", [["output", ["tensor", "float32", list(x.shape)]]]]
    os.write(
        3,
        frame({"kind": "observation", "case": name, "tree": observation}, bytes(4 * x.numel())),
    )
    os._exit(0)
