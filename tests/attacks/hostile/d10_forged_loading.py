"""Says at import that it has loaded, that it is up, that the judge is broken.

Expected: wrong answer, run-time error, compile error
"""

import json
import os
import struct


def frame(header, body=b""):
    head = json.dumps(header).encode()
    return struct.pack("!4sII", b"tj1\n", len(head), len(body)) + head + body


os.write(3, frame({"kind": "loaded"}))
os.write(
    3,
    frame(
        {
            "kind": "up",
            "missing": {},
            "layers": ["process", "limits", "files", "calls", "network", "signals", "identity", "perfect"],
        }
    ),
)
os.write(3, frame({"kind": "refused", "verdict": "judge error", "message": "our fault"}))
os.write(3, frame({"kind": "broken", "why": "cases.py"}))


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
