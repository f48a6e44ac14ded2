"""What is light stays light: an import, and commands that only show something, load no torch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT

HEAVY = ("torch", "nbformat", "numpy", "hypothesis")
RUN = """
from torch_judge.ui.cli.app import main
try:
    main({arguments!r})
except SystemExit as end:
    assert end.code == 0
"""
SCRIPTS = {
    "import": "import torch_judge",
    "check is found": "from torch_judge import check, Report, Verdict",
    **{
        " ".join(arguments): RUN.format(arguments=arguments)
        for arguments in (["--help"], ["list"], ["status"], ["show", "batchnorm"])
    },
}


def loaded_by(script: str) -> set[str]:
    """Tell which heavy packages a fresh interpreter has loaded after a script."""
    tail = f"\nimport sys; sys.stderr.write('LOADED ' + ' '.join(n for n in {HEAVY!r} if n in sys.modules))"
    command = [sys.executable, "-c", script + tail]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return set(done.stderr.rpartition("LOADED")[2].split())


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_light_commands_load_neither_torch_nor_nbformat_nor_numpy(script: str) -> None:
    assert loaded_by(script) == set()


def test_a_heavy_import_would_be_noticed() -> None:
    assert loaded_by("import numpy, nbformat") == {"numpy", "nbformat"}
