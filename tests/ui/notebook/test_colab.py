"""A template as in Colab, as far as that can be had here: its module, pip, a new home, no Landlock.

The real one was not tried. What is not simulated: Colab's own page around the card, its network and its
graphics cards.
"""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import pytest

from tests.support import ROOT
from tests.support.kernels import cards, executed, shown
from tests.support.packages import find_sample
from torch_judge.model.bank import find_bank
from torch_judge.ui.notebook.templates import build_template

PROBLEM = find_bank(ROOT / "problems").load("batchnorm")
PREINSTALLED = "import sys, torch, google.colab\n'torch_judge' in sys.modules"
WITHOUT_LANDLOCK = """
kernel = sys.modules.pop("ipykernel")  # or the import would start a server, which cannot be changed any more
import torch_judge.execution.forkserver.client as server
sys.modules["ipykernel"] = kernel
entry = "from torch_judge.execution.forkserver.program import main"
assert entry in server._BOOTSTRAP
without = "import landlockpy; landlockpy.supported = lambda: False; "
server._BOOTSTRAP = server._BOOTSTRAP.replace(entry, without + entry)
server.__file__
"""


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> list[nbformat.NotebookNode]:
    """Run a template from top to bottom where `google.colab` is loaded and torch_judge is not installed."""
    folder = tmp_path_factory.mktemp("colab")
    for name in ("wheels", "site", "home", "content"):
        (folder / name).mkdir()
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder / "wheels"),
    ]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (folder / "fake" / "google" / "colab").mkdir(parents=True)
    (folder / "fake" / "google" / "colab" / "__init__.py").write_text("")
    install, starter, debug, submit = (
        cell.source for cell in build_template(PROBLEM).cells if cell.cell_type == "code"
    )
    wrong = find_sample(PROBLEM, "wrong_answer/reversed_momentum")
    sources = [
        PREINSTALLED,
        install,
        WITHOUT_LANDLOCK,
        starter,
        debug,
        submit,
        wrong.read_text(),
        submit,
        PROBLEM.read_solution(),
        debug,
        submit,
    ]
    with pytest.MonkeyPatch.context() as patch:
        pip = {
            "NO_INDEX": "1",
            "FIND_LINKS": str(folder / "wheels"),
            "TARGET": str(folder / "site"),
            "NO_DEPS": "1",
        }
        for name, value in {f"PIP_{key}": value for key, value in pip.items()}.items():
            patch.setenv(name, value)
        patch.setenv("HOME", str(folder / "home"))
        patch.setenv("IPYTHONDIR", str(folder / "home" / "ipython"))
        patch.setenv("PYTHONPATH", os.pathsep.join(str(folder / name) for name in ("site", "fake")))
        return executed(sources, folder / "content").cells


def test_the_install_cell_brings_torch_judge(colab: list[nbformat.NotebookNode]) -> None:
    loaded, install, where = (shown(cell) for cell in colab[:3])
    assert loaded == "False"
    assert "ERROR" not in install
    assert "/site/torch_judge/execution/forkserver/client.py" in where


def test_the_card_says_what_went_wrong_and_that_landlock_is_missing(
    colab: list[nbformat.NotebookNode],
) -> None:
    (given,), (wrong,) = cards(colab[5]), cards(colab[7])
    assert "NotImplementedError" in given
    assert (
        "Your code behaves exactly like one with this mistake: <" in wrong
        or "mistake: reversed momentum" in wrong
    )
    assert "without: files" in wrong and "Landlock" in wrong


def test_the_jury_solution_is_accepted(colab: list[nbformat.NotebookNode]) -> None:
    (card,) = cards(colab[-1])
    assert "✓ accepted" in card
    assert "\nbatchnorm: accepted" in shown(colab[-1])
