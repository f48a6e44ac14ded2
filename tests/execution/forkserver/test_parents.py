"""Parents as they are: whatever starts the judge, the verdict is right or one sentence says what is wrong.

Each parent is a few lines of Python that change a process, which then becomes the judge by exec.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tests.sandbox.harness import SYSTEM_PYTHON
from tests.support import ROOT
from tests.support.packages import write_package

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="parents of this kind are POSIX's")
needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="changes its user")

RIGHT = "def double(x, scale=2.0):\n    return x * scale\n"
WRONG = "def double(x, scale=2.0):\n    return x + 0\n"
PATIENCE: Final = 120.0
SENTENCE = "Without a scale, the result is twice x."
STRANGER: Final = 1_654_321
"""A user whom no system knows, with no other process."""
BECOME_STRANGER = f"os.setgroups([]); os.setgid({STRANGER}); os.setuid({STRANGER}); os.environ.pop('HOME')"
SCRIPT = """\
import json
import sys
from pathlib import Path

from torch_judge import check


def judge_both():
    reports = [check("double", function) for function in (right, wrong)]
    return [[str(report.verdict), report.message] for report in reports]


def right(x, scale=2.0):
    return x * scale


def wrong(x, scale=2.0):
    return x + 0


"""
IN_THE_MAIN_THREAD = """\
Path(sys.argv[1]).write_text(json.dumps(judge_both()))
"""
IN_ANOTHER_THREAD = """\
import threading

found = []
thread = threading.Thread(target=lambda: found.extend(judge_both()))
thread.start()
thread.join()
Path(sys.argv[1]).write_text(json.dumps(found))
"""
IN_A_DAEMON = """\
import multiprocessing
import threading

from torch_judge.model.problem import Framework
from torch_judge.ui.notebook.check import warm_server


def answer(queue):
    queue.put(judge_both())


if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    lock = warm_server(Framework.NUMPY)._lock
    {before}
    queue = context.Queue()
    process = context.Process(target=answer, args=(queue,), daemon=True)
    process.start()
    Path(sys.argv[1]).write_text(json.dumps(queue.get(timeout=60)))
    process.join()
    {after}
"""


@dataclass(frozen=True)
class Ground:
    """A folder that every user can read, with a bank, a right answer, a wrong one, and a script."""

    folder: Path

    python: str = sys.executable

    def become(self, parent: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a program below a parent."""
        paths = os.pathsep.join([str(ROOT), str(Path(np.__file__).parents[1])])
        environment = {**os.environ, "PYTHONPATH": paths, "TORCH_JUDGE_BANK": str(self.folder / "bank")}
        launcher = [
            "import os, resource, signal, sys, tempfile",
            parent,
            "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
        ]
        return subprocess.run(
            [self.python, "-I", "-S", "-c", "\n".join(launcher), *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def run(self, parent: str, *files: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m torch_judge run` on files."""
        paths = [self.folder / file for file in files]
        options = ["--format", "json", "--no-counterexample"]
        return self.become(parent, "-m", "torch_judge", "run", "double", *paths, *options)

    def check(self, parent: str, rest: str = IN_THE_MAIN_THREAD) -> list[list[str]]:
        """Run a plain script that checks both answers; return verdicts and messages."""
        script, found = self.folder / "script.py", self.folder / "open" / "found.json"
        script.write_text(SCRIPT + rest)
        script.chmod(0o644)
        done = self.become(parent, script, found)
        assert found.exists(), done.stderr
        answer: list[list[str]] = json.loads(found.read_text())
        return answer


@pytest.fixture
def ground() -> Iterator[Ground]:
    """Make the ground where any user may read, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    write_package(folder / "bank", framework="numpy")
    write_package(folder / "torch", framework="torch")
    (folder / "right.py").write_text(RIGHT)
    (folder / "wrong.py").write_text(WRONG)
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    try:
        yield Ground(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def strange(ground: Ground) -> Ground:
    """Find an interpreter that a user whom no system knows can read, as this one's may not be."""
    ground = replace(ground, python=str(SYSTEM_PYTHON))
    works = ground.become(BECOME_STRANGER, "-c", "import click, landlockpy, numpy, torch_judge, seccompy")
    if works.returncode:
        pytest.skip(f"another user cannot read this checkout: {works.stderr[-200:]}")
    return ground


def allow_mebibytes(count: int) -> str:
    """Make the parent that allows so much memory to a process."""
    return f"resource.setrlimit(resource.RLIMIT_AS, ({count << 20}, {count << 20}))"


def read_reports(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Read the reports that a run printed."""
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


ENVIRONMENTS = {
    "LANG is C": {"LANG": "C", "LC_ALL": "POSIX"},
    "its streams are ASCII": {"PYTHONIOENCODING": "ascii"},
    "its streams are Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "it is in development mode": {"PYTHONDEVMODE": "1"},
    "it strips docstrings and asserts": {"PYTHONOPTIMIZE": "2"},
    "it writes no bytecode": {"PYTHONDONTWRITEBYTECODE": "1"},
    "its start-up file is broken": {"PYTHONSTARTUP": "/nonexistent/startup.py"},
    "its home is a file": {"HOME": "/dev/null"},
    "its folder for temporary files is gone": {"TMPDIR": "/nonexistent"},
    "no thread is allowed to OpenMP": {"OMP_NUM_THREADS": "0"},
    "OpenMP's threads are no number": {"OMP_NUM_THREADS": "junk", "MKL_NUM_THREADS": "junk"},
}
PARENTS = {
    "it is a shell": "",
    "it ignores SIGCHLD": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "it ignores every signal": (
        "for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    signal.signal(number, signal.SIG_IGN)"
    ),
    "it blocks every signal": "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
    "stdin is closed": "os.close(0)",
    "it has no terminal": "os.setsid()",
    "it allows 64 descriptors": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "its umask is 0777": "os.umask(0o777)",
    **{name: f"os.environ.update({values!r})" for name, values in ENVIRONMENTS.items()},
}
"""What a parent is, and what it does to its process before it becomes the judge."""
STRANGERS = {
    "nobody knows its user, who has no home": "",
    "its user has no home and a umask of 0777": "os.umask(0o777)",
    "its user may start 64 processes": "resource.setrlimit(resource.RLIMIT_NPROC, (64, 64))",
}


@pytest.mark.parametrize("parent", PARENTS)
def test_a_run_is_right_whatever_the_parent_is(ground: Ground, parent: str) -> None:
    done = ground.run(PARENTS[parent], "right.py", "wrong.py")
    right, wrong = read_reports(done)
    assert (right["verdict"], wrong["verdict"]) == ("accepted", "wrong answer"), (right, wrong)
    assert SENTENCE in wrong["cases"][0]["message"]
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.parametrize("parent", PARENTS)
def test_a_check_is_right_whatever_the_parent_is(ground: Ground, parent: str) -> None:
    assert ground.check(PARENTS[parent]) == [["accepted", ""], ["wrong answer", ""]]


@needs_root
@pytest.mark.parametrize("parent", STRANGERS)
def test_a_run_is_right_whoever_the_user_is(strange: Ground, parent: str) -> None:
    done = strange.run(f"{STRANGERS[parent]}\n{BECOME_STRANGER}", "right.py", "wrong.py")
    right, wrong = read_reports(done)
    assert (right["verdict"], wrong["verdict"]) == ("accepted", "wrong answer"), (right, wrong)


def test_a_run_is_right_where_the_folder_is_gone(ground: Ground) -> None:
    parent = "folder = tempfile.mkdtemp(); os.chdir(folder); os.rmdir(folder)"
    right, wrong = read_reports(ground.run(parent, "right.py", "wrong.py"))
    assert (right["verdict"], wrong["verdict"]) == ("accepted", "wrong answer")


@pytest.mark.parametrize("closed", ["0", "1", "2", "0, 1", "0, 2", "1, 2", "0, 1, 2"])
def test_standard_descriptors_may_be_closed(ground: Ground, closed: str) -> None:
    """What is opened next lies under their numbers, and neither a socket nor a pipe of ours may."""
    parent = f"for number in ({closed},): os.close(number)"
    assert [ground.run(parent, file).returncode for file in ("right.py", "wrong.py")] == [0, 1]
    assert ground.check(parent) == [["accepted", ""], ["wrong answer", ""]]


def test_a_broken_module_on_the_path_of_the_parent_is_not_imported(ground: Ground) -> None:
    broken = ground.folder / "broken"
    broken.mkdir()
    for name in ("numpy", "torch", "cloudpickle", "hypothesis", "sitecustomize"):
        (broken / f"{name}.py").write_text("raise RuntimeError('broken')\n")
    parent = f"os.environ['PYTHONPATH'] += {os.pathsep + str(broken)!r}"
    right, wrong = read_reports(ground.run(parent, "right.py", "wrong.py"))
    assert (right["verdict"], wrong["verdict"]) == ("accepted", "wrong answer")


@pytest.mark.parametrize("mebibytes", [80, 160, 320])
def test_too_little_memory_to_start_is_said(ground: Ground, mebibytes: int) -> None:
    """Not a hang, not a crash: what could not start, and how much memory is allowed here."""
    parent = allow_mebibytes(mebibytes)
    done = ground.become(
        parent,
        *("-m", "torch_judge", "run", "double", ground.folder / "right.py", "--format", "json"),
        *("--bank", ground.folder / "torch"),
    )
    (report,) = read_reports(done)
    assert done.returncode == 3
    assert report["verdict"] == "judge error"
    assert report["message"].startswith("the warm server could not start: ")
    assert report["message"].endswith(f"what is allowed here is {mebibytes} MiB of memory (ulimit -v)")
    assert "\n" not in report["message"]


@needs_root
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_too_few_processes_are_said(strange: Ground, processes: int) -> None:
    """The conductor is one, the server another; each worker and each checker is one more."""
    limit = f"resource.setrlimit(resource.RLIMIT_NPROC, ({processes}, {processes}))"
    (report,) = read_reports(strange.run(f"{limit}\n{BECOME_STRANGER}", "right.py"))
    assert report["verdict"] == "judge error"
    assert report["message"].endswith(f"what is allowed here is {processes} processes (ulimit -u)")
    assert "BlockingIOError" in report["message"]


def test_too_few_descriptors_are_said(ground: Ground) -> None:
    parent = "resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))"
    (report,) = read_reports(ground.run(parent, "right.py"))
    assert report["verdict"] == "judge error"
    assert report["message"].endswith("what is allowed here is 5 open files (ulimit -n)")


def test_a_check_is_right_in_another_thread(ground: Ground) -> None:
    assert ground.check("", IN_ANOTHER_THREAD) == [["accepted", ""], ["wrong answer", ""]]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_check_is_right_in_a_daemon_of_multiprocessing(ground: Ground, method: str) -> None:
    daemon = IN_A_DAEMON.format(method=method, before="judge_both()", after="")
    assert ground.check("", daemon) == [["accepted", ""], ["wrong answer", ""]]


def test_a_fork_does_not_wait_for_a_check_in_another_thread_of_its_parent(ground: Ground) -> None:
    """It inherits a lock that is held, by a thread that it does not have."""
    holds = "threading.Thread(target=lock.acquire).start()"
    daemon = IN_A_DAEMON.format(method="fork", before=holds, after="lock.release()")
    assert ground.check("", daemon) == [["accepted", ""], ["wrong answer", ""]]


def test_nothing_of_the_parents_environment_reaches_a_submission(ground: Ground) -> None:
    (ground.folder / "spy.py").write_text(
        f"import os\nassert not {{'SECRET', 'PYTHONPATH'}} & set(os.environ), 'seen'\n{RIGHT}"
    )
    (report,) = read_reports(ground.run("os.environ['SECRET'] = 'token'", "spy.py"))
    assert report["verdict"] == "accepted", report


def test_memory_that_the_parent_withholds_is_said(ground: Ground) -> None:
    """The submission asks for less than the problem gives, and gets less still."""
    (ground.folder / "large.py").write_text(
        "import numpy as np\n\n\ndef double(x, scale=2.0):\n    np.empty(100 << 20)\n    return x * scale\n"
    )
    (free,) = read_reports(ground.run("", "large.py"))
    assert free["verdict"] == "accepted"
    (tight,) = read_reports(ground.run(allow_mebibytes(600), "large.py"))
    assert tight["verdict"] == "memory limit exceeded"
    said = r"; only \d+ of the 2048 MiB that it may use are left here, because of the limit of 600 MiB \(ulim"
    assert re.search(said, tight["cases"][0]["message"])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "koi8-r"])
def test_a_report_is_shown_in_whatever_encoding_there_is(ground: Ground, encoding: str) -> None:
    """To a pipe whose encoding lacks the marks, from the command line and from a script."""
    parent = f"os.environ['PYTHONIOENCODING'] = {encoding!r}"
    paths = [ground.folder / "right.py", ground.folder / "wrong.py"]
    done = ground.become(parent, "-m", "torch_judge", "run", "double", *paths)
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(
        r"^  (\+|✓) doubles by default\n(.*\n)*  (x|✗) doubles by default", done.stdout, re.MULTILINE
    )
    ground.check(parent)


@pytest.mark.parametrize(
    "command", [("show", "double"), ("list",), ("solution", "double", "--yes"), ("status",)]
)
def test_a_command_needs_no_standard_descriptor(ground: Ground, command: tuple[str, ...]) -> None:
    done = ground.become("os.closerange(0, 3)", "-m", "torch_judge", *command)
    assert done.returncode == 0


def test_a_home_that_nobody_can_name_is_no_folder_here(strange: Ground) -> None:
    """The verdict stands, and that the attempt is not kept is said."""
    parent = f"os.environ.pop('TORCH_JUDGE_HOME', None); os.chdir({str(strange.folder / 'open')!r})"
    done = strange.become(
        f"{parent}\n{BECOME_STRANGER}", "-m", "torch_judge", "run", "double", strange.folder / "right.py"
    )
    assert done.returncode == 0
    assert list((strange.folder / "open").iterdir()) == []
    assert "not kept" in done.stderr
