"""Writes lone surrogates, invalid UTF-8, NUL and all of U+0000 to U+FFFF to its output.

Expected: wrong answer, run-time error
Representative: yes
"""

import os
import sys

calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global calls
    sys.stdout.reconfigure(errors="surrogatepass")
    start = calls * 2000 % 65536
    calls += 1
    print("".join(map(chr, range(start, start + 2000))))
    os.write(1, bytes(range(256)) + b"\xed\xa0\x80\xff\xfe\x00\xc0\xaf\xf8")
    os.write(2, b"\xe2\x80")
    return x
