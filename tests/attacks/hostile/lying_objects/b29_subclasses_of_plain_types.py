"""Returns str, int, float, dict and list subclasses whose methods run code in whoever looks at them.

Expected: wrong answer, run-time error
"""


class Text(str):
    def __len__(self):
        raise SystemExit(0)


class Number(int):
    def bit_length(self):
        return 1

    def __str__(self):
        return '0"},{"verdict":"accepted'


class Table(dict):
    def items(self):
        while True:
            yield "key", 0


KINDS = [
    Text("a"),
    Number(5),
    Table(),
    type("L", (list,), {"__iter__": lambda self: iter(int, 1)})(),
    type("F", (float,), {})(1.0),
]
calls = 0


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global calls
    calls += 1
    return KINDS[calls % len(KINDS)]
