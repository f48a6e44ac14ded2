"""`torch-judge web`: says where it is, answers, ends with all it started, and loads no torch."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support import ROOT
from tests.support.commands import torch_judge
from tests.support.packages import give_time, write_package

pytest.importorskip("starlette", reason="the extra web is not installed")

from tests.support.loopback import PATIENCE, TAB, Visitor

ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
ENTRY = r"http://127\.0\.0\.1:\d+/open\?token=[\w-]{40,}\S*"
ENDS = [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
HIDE = """
import sys
from importlib.machinery import PathFinder


class Hidden(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        is_hidden = name.partition(".")[0] in {"starlette", "uvicorn"}
        return None if is_hidden else super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Hidden
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    give_time(write_package(tmp_path / "bank", framework="numpy"), 600)
    return tmp_path / "bank"


@contextmanager
def start(bank: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command as a person does; yields it and the address that it prints."""
    command = [sys.executable, "-m", "torch_judge", "web", "--bank", str(bank), *options]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        try:
            assert program.stdout is not None
            line = program.stdout.readline()
            found = re.fullmatch(rf"the problems are at ({ENTRY})\n", line)
            assert found, line + program.stdout.read()
            yield program, found[1]
        finally:
            if program.poll() is None:
                program.kill()


def enter(address: str) -> Visitor:
    """Let a visitor in by a printed address."""
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.*)", address)
    assert found
    visitor = Visitor(int(found[1]))
    answer = visitor.get(found[2])
    visitor.cookie = answer.headers["set-cookie"].partition(";")[0]
    return visitor


@pytest.mark.parametrize(("number", "status"), ENDS)
def test_it_ends_with_all_it_started_in_the_middle_of_a_check(bank: Path, number: int, status: int) -> None:
    with start(bank, "--no-browser") as (program, address):
        visitor = enter(address)
        visitor.post(f"/api/tabs/{TAB}/submit", {"problem": "double", "code": ENDLESS})
        with visitor.listen() as events:
            assert next(event for event in events if event.name == "progress" and event.data["of"])
            started = psutil.Process(program.pid).children(recursive=True)
            assert len(started) >= 3  # the server, a worker and a checker
            program.send_signal(number)
            assert program.wait(PATIENCE) == status
    assert psutil.wait_procs(started, timeout=PATIENCE)[1] == []


def test_killed_it_leaves_no_process(bank: Path) -> None:
    with start(bank, "--no-browser") as (program, address):
        visitor = enter(address)
        visitor.post(f"/api/tabs/{TAB}/submit", {"problem": "double", "code": ENDLESS})
        with visitor.listen() as events:
            assert next(event for event in events if event.name == "progress" and event.data["of"])
            started = psutil.Process(program.pid).children(recursive=True)
            program.kill()
            program.wait(PATIENCE)
        assert psutil.wait_procs(started, timeout=PATIENCE)[1] == []


def test_it_opens_a_browser_on_a_problem_by_a_token_that_is_not_printed(bank: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.part\nmv {seen}.part {seen}\n')
    browser.chmod(0o755)
    with start(bank, "double", BROWSER=str(browser)) as (program, printed):
        assert printed.endswith("&to=/problems/double")
        for _ in range(int(PATIENCE / 0.05)):
            if seen.exists():
                break
            time.sleep(0.05)
        opened = seen.read_text().strip()
        assert opened != printed
        assert "Double" in enter(opened).get("/problems/double").text
        assert enter(printed).get("/").status == 200
        program.send_signal(signal.SIGINT)
        assert program.wait(PATIENCE) == 0


def test_a_problem_that_is_not_there_and_a_port_that_is_none_are_said(bank: Path) -> None:
    done = torch_judge("web", "duoble", "--bank", bank, "--no-browser")
    assert (done.returncode, "no problem 'duoble'; did you mean 'double'?" in done.stderr) == (2, True)
    assert torch_judge("web", "--port", "70000").returncode == 2
    assert torch_judge("web", "--require-isolation", "perfect", "--bank", bank).returncode == 2


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path, bank: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE)
    done = torch_judge("web", "--bank", bank, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 2
    assert done.stderr == (
        "torch-judge: the page needs starlette, uvicorn, which is not installed here: "
        'pip install "torch-judge[web]>=2.0"\n'
    )


def test_the_process_of_the_pages_loads_no_torch(bank: Path) -> None:
    script = (
        "import sys, threading\n"
        "from torch_judge.model.bank import find_bank\n"
        "from torch_judge.ui.web.serve import Settings, WebServer\n"
        "from tests.support.loopback import Visitor\n"
        f"with WebServer(Settings(find_bank({str(bank)!r}))) as server:\n"
        "    thread = threading.Thread(target=server.run); thread.start()\n"
        "    visitor = Visitor(server.port).enter(server)\n"
        "    pages = [visitor.get(path).status for path in ('/', '/problems/double', '/progress')]\n"
        "    tab = '/api/tabs/abcdefgh'\n"
        "    visitor.post(tab + '/submit', {'problem': 'double', 'code': 'def double(x): return x'})\n"
        "    last = visitor.hear('abcdefgh')[-1].name\n"
        "    server.stop(); thread.join()\n"
        "heavy = ('torch', 'numpy', 'nbformat', 'IPython')\n"
        "print(pages, last, [name for name in heavy if name in sys.modules])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "[200, 200, 200] report []\n"
