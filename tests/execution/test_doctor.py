"""`doctor`: what holds on this machine, and that a requirement fails closed, wherever it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.packages import SOLUTION, write_package
from torch_judge.execution.doctor import examine
from torch_judge.execution.forkserver import client as server_module
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import from_source
from torch_judge.ui.cli.app import main
from torch_judge.ui.notebook import check as notebook
from torch_judge.ui.text import as_examination, as_text

ENTRY = "from torch_judge.execution.forkserver.program import main"
MARKER = "def double(x, scale=2.0):\n    return x * scale\nopen({path!r}, 'w').close()\n"


@pytest.fixture
def without_seccomp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a machine without system-call filters, in servers that are started from now on."""
    switched = server_module._BOOTSTRAP.replace(ENTRY, f"import sys; sys.modules['seccompy'] = None; {ENTRY}")
    assert switched != server_module._BOOTSTRAP
    monkeypatch.setattr(server_module, "_BOOTSTRAP", switched)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path, framework="numpy")
    (tmp_path / "right.py").write_text(SOLUTION)
    return tmp_path


@pytest.fixture
def problem(bank: Path) -> Problem:
    return Bank(bank).load("double")


def test_the_doctor_agrees_with_a_report(problem: Problem) -> None:
    """What is printed here is what a check will have."""
    with ForkServer(Framework.NUMPY) as server:
        report = judge(problem, from_source(SOLUTION), server=server)
    found = examine()
    assert report.isolation == found.isolation.layers
    assert report.isolation_missing == found.isolation.reasons()
    assert set(report.isolation) | set(report.isolation_missing) == set(Layer)


@pytest.mark.usefixtures("without_seccomp")
def test_the_doctor_says_what_is_missing_and_why() -> None:
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0
    assert "✗ network" in result.output
    assert "missing: sockets are refused by seccomp, and seccompy is not installed" in result.output
    assert all(layer.sentence in result.output for layer in Layer)


@pytest.mark.usefixtures("without_seccomp")
def test_the_doctors_json_says_the_same() -> None:
    result = CliRunner().invoke(main, ["doctor", "--format", "json", "--require-isolation", "calls"])
    said = json.loads(result.output)
    assert result.exit_code == 3
    assert said["missing"]["calls"] == "seccompy is not installed"
    assert said["lacking"] == "calls: seccompy is not installed"
    assert said["level"] in {"process", None}


def test_an_examination_is_shown_without_colour_alone() -> None:
    text = as_text(as_examination(examine()))
    assert all(f"✓ {layer}" in text or f"✗ {layer}" in text for layer in Layer)


@pytest.mark.usefixtures("without_seccomp")
def test_a_required_layer_that_is_missing_means_that_nothing_is_run(problem: Problem, tmp_path: Path) -> None:
    """It is a judge error, says which and why, and the submission never had its turn."""
    marker = tmp_path / "marker"
    with ForkServer(Framework.NUMPY) as server:
        report = judge(
            problem,
            from_source(MARKER.format(path=str(marker))),
            server=server,
            required=frozenset({Layer.NETWORK}),
        )
        assert report.verdict is Verdict.JUDGE_ERROR
        assert "nothing was run" in report.message
        assert "network: sockets are refused by seccomp" in report.message
        assert judge(
            problem, from_source(SOLUTION), server=server, required=frozenset({Layer.PROCESS})
        ).passed
    assert not marker.exists()


@pytest.mark.usefixtures("without_seccomp")
@pytest.mark.parametrize("said", ["option", "variable"])
def test_the_command_fails_closed(said: str, bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["--require-isolation", "sandbox"] if said == "option" else []
    if said == "variable":
        monkeypatch.setenv(REQUIRE_VARIABLE, "sandbox")
    result = CliRunner().invoke(
        main, ["run", "double", str(bank / "right.py"), "--bank", str(bank), *options]
    )
    assert result.exit_code == 3
    assert "nothing was run" in result.output


def test_the_option_wins_over_the_variable(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_VARIABLE, "no such level")
    command = ["run", "double", str(bank / "right.py"), "--bank", str(bank)]
    assert CliRunner().invoke(main, command).exit_code == 2
    assert CliRunner().invoke(main, [*command, "--require-isolation", "process"]).exit_code == 0


@pytest.mark.usefixtures("without_seccomp")
def test_check_fails_closed(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook.warm_server.cache_clear()
    monkeypatch.setenv(REQUIRE_VARIABLE, "network")
    try:
        report = notebook.check("double", lambda x, scale=2.0: x * scale, bank=bank)
        assert report.verdict is Verdict.JUDGE_ERROR
        assert notebook.check(
            "double", lambda x, scale=2.0: x * scale, bank=bank, require_isolation="process"
        ).passed
        with pytest.raises(UsageError):
            notebook.check("double", lambda x: x, bank=bank, require_isolation="everything")
    finally:
        notebook.warm_server(Framework.NUMPY).close()
        notebook.warm_server.cache_clear()


def test_what_a_child_lacks_on_entering_ends_it(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the probe had been content: the child looks again before it reads a byte of the submission."""
    lines = [
        "from torch_judge.execution.forkserver import program",
        "from torch_judge.sandbox import enter, probe",
        "assert program.probe and enter.restrict_files",
        "program.probe = lambda *a, **k: probe.isolation_without(dict())",
        "enter.restrict_files = lambda *_: 'gone'",
        ENTRY,
    ]
    switched = "; ".join(lines)
    monkeypatch.setattr(server_module, "_BOOTSTRAP", server_module._BOOTSTRAP.replace(ENTRY, switched))
    with ForkServer(Framework.NUMPY) as server:
        report = judge(problem, from_source(SOLUTION), server=server, required=frozenset({Layer.FILES}))
    assert report.verdict is Verdict.JUDGE_ERROR
    assert "files: gone" in report.message
