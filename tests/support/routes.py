"""Routes to a forbidden operator, tried in a process of their own: the override holds for a whole process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

IN_A_THREAD = """
def in_a_thread(function):
    caught = []
    def run():
        try:
            caught.append(function())
        except BaseException as error:
            caught.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(caught[0], BaseException):
        raise caught[0]
    return caught[0]
"""
"""For a script that has imported `threading`."""


def try_routes(
    setup: str, expressions: dict[str, str], arguments: Iterable[str]
) -> tuple[dict[str, Any], str]:
    """Return for each expression what it raised, or '', and what was recorded; and what was said of it all.

    `setup` is a script that makes the list `record`; it is run first, in a fresh process with the arguments.
    """
    script = f"""{setup}
outcomes = {{}}
for name, expression in {expressions!r}.items():
    record.clear()
    try:
        eval(expression)
        raised = ""
    except BaseException as error:
        raised = f"{{type(error).__name__}}: {{error}}"
    outcomes[name] = {{"raised": raised, "record": list(record)}}
print("OUTCOMES" + json.dumps(outcomes))
"""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "OUTCOMES" in done.stdout, done.stderr
    found = json.loads(done.stdout.partition("OUTCOMES")[2])
    assert isinstance(found, dict)
    return found, done.stderr
