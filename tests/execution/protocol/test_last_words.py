"""Last words: the innermost line of the submission in a stack, whatever else is written there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT
from torch_judge.execution.protocol.last_words import SIGNAL, quote_last_words

TEXTS = {"mine.py": "import a\nwhile True: pass\n", "cell 3": "%magic\nx = 1\n", "lib/\u5377.py": "y = 2\n"}
STACK = """\
Current thread 0x00007f (most recent call first):
  File "/usr/lib/python3.11/random.py", line 9 in draw
  File "{file}", line {line} in f
  File "mine.py", line 1 in <module>
  File "<string>", line 1 in <module>
"""
SAID = {
    "a file": ("mine.py", 2, " (line 2: `while True: pass`)"),
    "a cell": ("cell 3", 2, " (cell 3, line 2: `x = 1`)"),
    "a name that is not ASCII": ("lib/\\u5377.py", 1, " (line 1: `y = 2`)"),
    "a line that is not there": ("mine.py", 99, " (line 99)"),
    "a file of nobody": ("theirs.py", 9, " (line 1: `import a`)"),
}


@pytest.mark.parametrize(("file", "line", "says"), SAID.values(), ids=SAID.keys())
def test_the_innermost_line_of_the_submission_is_quoted(file: str, line: int, says: str) -> None:
    assert quote_last_words(STACK.format(file=file, line=line).encode(), TEXTS) == says


@pytest.mark.parametrize(
    "said", [b"", b"\xff" * 9, b'  File "mine.py", line x in f', b'File "mine.py"' * 999]
)
def test_of_anything_else_nothing_is_made(said: bytes) -> None:
    assert quote_last_words(said, TEXTS) == ""


@pytest.mark.skipif(SIGNAL is None, reason="this system has no signal to ask with")
def test_what_the_interpreter_writes_can_be_read() -> None:
    """The form of its stacks is promised nowhere."""
    script = (
        "import os\nfrom torch_judge.execution.protocol.last_words import SIGNAL, prepare_last_words\n"
        "prepare_last_words(1)\nexec(compile('\\nos.kill(os.getpid(), SIGNAL)', 'mine.py', 'exec'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert quote_last_words(done.stdout, TEXTS) == " (line 2: `while True: pass`)"
