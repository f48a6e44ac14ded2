"""Prints terminal commands: clear, green, conceal, title, links, clipboard, carriage returns.

Expected: wrong answer, run-time error
Representative: yes
"""

TEXT = (
    "\x1b[2J\x1b[H\x1b[32mACCEPTED 36/36\x1b[0m\x1b[8m\x1b]0;passed\x07\x1b]52;c;cm0gLXJm\x07\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\"
    "\r\x08\x08\x0b\x0c\x7f\x9b31m\u2028\u2029\u202eDEVRESER\u202c\u2066x\u2069\u200b\u200d\ufeff\u061c\U000e0001\u3164\u115f\x00"
)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print(TEXT)
    print("\r" + TEXT)
    return x
