"""A thread writes frames at random moments, between those of the judge's own code.

Expected: wrong answer, run-time error, time limit exceeded
"""

import json
import os
import random
import struct
import threading
import time


def disturb():
    while True:
        time.sleep(random.uniform(0, 0.01))
        head = json.dumps({"kind": "observation", "case": "late", "tree": ["none"]}).encode()
        os.write(3, struct.pack("!4sII", b"tj1\n", len(head), 0) + head)


threading.Thread(target=disturb, daemon=True).start()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
