"""Answers this case and the later ones ahead of time, twice each.

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
    for each in (
        name,
        name,
        "inference_uses_the_running_statistics",
        "training_updates_the_running_statistics_in_place",
    ):
        os.write(3, frame({"kind": "observation", "case": each, "tree": ["none"]}))
    return x
