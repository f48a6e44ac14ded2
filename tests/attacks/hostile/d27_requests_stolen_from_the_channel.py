"""A thread reads the conductor's requests from the channel before the judge's own code does, and answers them.

Expected: wrong answer, run-time error, time limit exceeded
"""

import json
import os
import struct
import threading


def answer():
    while True:
        raw = os.read(3, 12)
        if len(raw) < 12:
            return
        _, head, _ = struct.unpack("!4sII", raw)
        name = json.loads(os.read(3, head)).get("case")
        reply = json.dumps({"kind": "observation", "case": name, "tree": ["none"]}).encode()
        os.write(3, struct.pack("!4sII", b"tj1\n", len(reply), 0) + reply)


threading.Thread(target=answer, daemon=True).start()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
