"""Writes a well-formed frame for each case whose observation no encoder wrote: negative, huge and doubled things.

Expected: run-time error, wrong answer
"""

import json
import os
import struct
import sys

TREES = [
    ["tensor", "float32", [-1, -4]],
    ["tensor", "float32", [1 << 40, 1 << 40]],
    ["tensor", "float32", [67108864, 0, 67108864, 67108864]],
    ["tensor", "float32", [0] * 64],
    ["tensor", "float128", [1]],
    ["tensor", "object", [1]],
    ["tensor", "V8", [1]],
    ["tensor", "float32", [10**600]],
    ["tensor", "float32", [True]],
    ["tensor", "float32", ["1"]],
    ["scalar", "float32", [1]],
    ["int", "9" * 5000],
    ["int", "-"],
    ["int", "\u0661"],
    ["float", "0x1p99999999"],
    ["float", "\ud800"],
    ["str", "\ud800\u202e\x1b[2J" * 1000],
    ["dict", [["a", ["none"]], ["a", ["none"]]]],
    ["dict", [["\ud800", ["none"]]]],
    ["dict", [["output"]]],
    ["list", [["none"]] * 20000],
    ["nothing"],
    [],
    ["bool", "yes"],
    [
        "tuple",
        [
            [
                "tuple",
                [
                    [
                        "tuple",
                        [
                            [
                                "tuple",
                                [
                                    [
                                        "tuple",
                                        [["tuple", [["tuple", [["tuple", [["tuple", [["tuple", []]]]]]]]]]],
                                    ]
                                ],
                            ]
                        ],
                    ]
                ],
            ]
        ],
    ],
    {"output": 1},
    None,
    [[[]]],
]


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    name = sys._getframe(1).f_code.co_name
    tree = TREES[sum(map(ord, name)) % len(TREES)]
    head = json.dumps({"kind": "observation", "case": name, "tree": tree}).encode()
    data = struct.pack("!4sII", b"tj1\n", len(head), 4) + head + b"abcd"
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)
