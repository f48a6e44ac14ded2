"""Source whose constants a compiler might fold to gigabytes.

Expected: compile error, memory limit exceeded, run-time error, time limit exceeded, wrong answer
"""

BIG = ((((((((1,) * 255,) * 255,) * 255,) * 255,) * 255,) * 255,) * 255,)
TEXT = "a" * 4096 * 4096 * 4096
NUMBER = 9**9**9**9
