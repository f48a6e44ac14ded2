"""Returns dicts whose keys are huge, unhashable to JSON, terminal commands or doubled once they are printed.

Expected: wrong answer, run-time error
"""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    kind = x.shape[0] % 5
    if kind == 0:
        return {"\x1b[2J\x1b[32mACCEPTED" * 2000: 1}
    if kind == 1:
        return {1: 0, "1": 1, None: 2}
    if kind == 2:
        return {(1, 2): 3}
    if kind == 3:
        return {"\ud800": "\udfff"}
    return {"output": {"output": {"output": [x, {"verdict": "accepted"}]}}}
