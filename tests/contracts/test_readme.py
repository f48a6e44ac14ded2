"""The README says what is true: its cell prints what stands below it, its commands are those of CI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, *, after: str = "") -> str:
    """Return the first fenced block of a language after a heading."""
    text = README.partition(after)[2] if after else README
    fenced = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert fenced
    return fenced[1]


def test_the_first_cell_prints_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "cell.py").write_text(block("python"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "cell.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    printed = iter(done.stdout.splitlines())
    for line in block("text").splitlines():
        if line.strip() != "[...]":
            assert line in printed, line


def test_the_first_screen_holds_a_sentence_a_cell_and_two_commands() -> None:
    headings = [
        README.index(text)
        for text in ("```python", "```text", "### Judge something", "### Run the tests", "\n## ")
    ]
    assert headings == sorted(headings)
    assert "run layernorm" in block("sh", after="### Judge something")
    assert "-m pytest" in block("sh", after="### Run the tests")


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"\]\(([\w./]+)\)|(problems/[\w./]+\.py|\.ci/[\w.]+)", README)
    paths = [first or second for first, second in named]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_command_that_the_readme_names_exists() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "torch_judge", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    shown = block("text", after="## In a terminal") + block("text", after="## Every day")
    named = set(re.findall(r"^torch-judge (\w+)", shown, re.MULTILINE))
    assert len(named) >= 15
    assert [name for name in named if not re.search(rf"^  {name} ", help_text, re.MULTILINE)] == []


def test_every_picture_is_there_small_and_named_in_words() -> None:
    named = set(re.findall(r"\.images/[\w.-]+", README))
    assert named == {f".images/{path.name}" for path in (ROOT / ".images").iterdir()}
    assert [name for name in named if (ROOT / name).stat().st_size > 150_000] == []
    assert all(re.search(r' alt="[^"]{20,}"', image) for image in re.findall(r"<img [^>]*>", README))
