"""Writes one malformed frame for each case: wrong magic, endless lengths, NaN, doubled keys, deep and non-ASCII JSON.

Expected: run-time error, wrong answer
"""

import json
import os
import struct
import sys

KINDS = [
    struct.pack("!4sII", b"tj1\n", 0xFFFFFFFF, 0xFFFFFFFF),
    struct.pack("!4sII", b"tj2\n", 2, 0) + b"{}",
    struct.pack("!4sII", b"tj1\n", 0, 0),
    struct.pack("!4sII", b"tj1\n", 2, 0) + b"[]",
    struct.pack("!4sII", b"tj1\n", 10, 0) + b'{"a":NaN} ',
    struct.pack("!4sII", b"tj1\n", 13, 0) + b'{"a":1,"a":2}',
    struct.pack("!4sII", b"tj1\n", 1 << 20, 0) + b"[" * (1 << 20),
    struct.pack("!4sII", b"tj1\n", 9, 0) + b'{"\xff\xfe": 1}',
    struct.pack("!4sII", b"tj1\n", 9, 0) + b'{"a":1e9}',
    struct.pack("!4sII", b"tj1\n", 50006, 0) + b'{"a":' + b"9" * 50000 + b"}",
    *(
        struct.pack("!4sII", b"tj1\n", len(head), 0) + head
        for head in (
            b'{"kind":"observation"}',
            b'{"kind":"observation","kind":"failure"}',
            b'{"kind":["observation"]}',
            b'{"kind":"failure","case":1,"verdict":"run-time error","message":""}',
            b'{"kind":"\\ud800","\\ud800":0}',
            b'{"kind":"loaded"}',
        )
    ),
    b"\x80\x04\x95",
    b"",
    bytes(1 << 16),
]


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    kind = KINDS[sum(map(ord, sys._getframe(1).f_code.co_name)) % len(KINDS)]
    while kind:
        kind = kind[os.write(3, kind) :]
    os._exit(0)
