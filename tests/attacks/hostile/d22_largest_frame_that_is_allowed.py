"""Writes the largest frame that is allowed, in one case a body of 64 MiB, in another a header of 4 MiB.

Expected: wrong answer, run-time error
"""

import json
import os
import struct
import sys


def send(head, body):
    data = memoryview(struct.pack("!4sII", b"tj1\n", len(head), len(body)) + head + body)
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    name = sys._getframe(1).f_code.co_name
    if x.shape[0] == 9:
        send(
            json.dumps(
                {"kind": "observation", "case": name, "tree": ["tensor", "uint8", [64 << 20]]}
            ).encode(),
            bytes(64 << 20),
        )
    if x.shape[0] == 16:
        start = json.dumps({"kind": "observation", "case": name, "tree": ["list", []]}).encode()
        send(start[:-3] + b'["none"],' * (((4 << 20) - len(start) - 8) // 9) + b'["none"]' + start[-3:], b"")
    if x.shape[0] == 2:
        send(
            json.dumps(
                {
                    "kind": "failure",
                    "case": name,
                    "verdict": "wrong answer",
                    "message": "\ud800" * 600_000,
                }
            ).encode(),
            b"",
        )
    return x
