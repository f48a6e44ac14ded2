"""Sends a header of 4 MiB that holds a million values in every case, and wastes the rest of the time.

Expected: wrong answer, run-time error, time limit exceeded
"""

import os
import struct
import sys
import time


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    name = sys._getframe(1).f_code.co_name
    start = b'{"kind":"observation","case":"%s","tree":["list",[' % name.encode()
    head = start + b'["none"],' * (((4 << 20) - len(start) - 20) // 9) + b'["none"]]]}'
    data = memoryview(struct.pack("!4sII", b"tj1\n", len(head), 0) + head)
    time.sleep(0.3)
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)
