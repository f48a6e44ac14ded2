"""The command `torch-judge`, run as a person or a script runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT


def torch_judge(
    *arguments: object, cwd: Path = ROOT, typed: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `torch-judge` as a person or a script does; `typed` is what it reads from standard input."""
    command = [sys.executable, "-m", "torch_judge", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        input=typed,
    )


def answer(folder: Path, text: str, name: str = "answer.py") -> Path:
    """Write an answer."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
