"""Writes frames that say accepted, and frames that say judge error, in the place of observations.

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
    verdict = ["accepted", "judge error", "compile error", "", "time limit exceeded", "ACCEPTED"][
        x.shape[0] % 6
    ]
    os.write(
        3,
        frame(
            [
                {"kind": "failure", "case": name, "verdict": verdict, "message": "all passed"},
                {
                    "kind": "decision",
                    "case": name,
                    "verdict": verdict,
                    "message": "all passed",
                    "error_map": None,
                },
                {"kind": "broken", "why": "the bank"},
                {"kind": "observation", "case": name, "tree": ["none"], "verdict": verdict, "passed": True},
            ][x.shape[-1] % 4]
        ),
    )
    os._exit(0)
