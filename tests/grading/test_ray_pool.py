"""Ray: the same records as threads write, whatever is killed; and what is said where there is no Ray."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import ROOT
from tests.support.commands import torch_judge
from tests.support.packages import SAMPLES, SOLUTION, write_package
from torch_judge.grading.ray_connection import check_address
from torch_judge.grading.ray_worker import explain_difference, find_versions, pack, unpack
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError

with_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is an extra, not installed"
)
SLOW = "import time\ntime.sleep(0.15)\n"
ANSWERS = 24


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a bank, many answers, and the records that threads wrote of them."""
    place = tmp_path_factory.mktemp("ray")
    write_package(place / "bank")
    texts = [SOLUTION, *SAMPLES.values(), "def double(x:\n"]
    lines = [
        {"task_id": "double", "solution": f"{SLOW}{texts[n % len(texts)]}# {n}\n"} for n in range(ANSWERS - 1)
    ]
    lines.append({"task_id": "double", "solution": lines[0]["solution"]})
    (place / "s.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    done = torch_judge(*command(place, "local.jsonl"))
    assert (done.returncode, done.stderr) == (1, "")
    return place


def command(place: Path, name: str, *more: str) -> list[str]:
    paths = str(place / "s.jsonl"), "-o", str(place / name), "--bank", str(place / "bank")
    return ["evaluate", *paths, "--seed", "5", *more]


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Read the records by sample, without what differs from run to run; none may occur twice."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    records = {line["sample_id"]: {**line, "seconds": 0} for line in lines}
    assert len(records) == len(lines)
    return records


def find_workers(parent: psutil.Process) -> list[psutil.Process]:
    return [each for each in parent.children(recursive=True) if "ray::RayWorker" in " ".join(each.cmdline())]


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE  # of which another may be the parent, who waits
    except psutil.Error:
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start(place: Path, name: str, *more: str) -> psutil.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "torch_judge", *command(place, name, "--ray", "--jobs", "2", *more)]
    pipe = subprocess.PIPE
    return psutil.Popen(arguments, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def count_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@with_ray
def test_an_actor_that_is_killed_loses_nothing_and_doubles_nothing(place: Path) -> None:
    out = place / "killed.jsonl"
    with start(place, out.name) as process:
        wait_for(lambda: count_lines(out) >= 4)
        victim, *_ = find_workers(process)
        victim.send_signal(signal.SIGKILL)
        said, complained = process.communicate(timeout=120)
    assert (process.returncode, complained) == (1, "")
    assert said.endswith("seed 5\n")
    assert read(out) == read(place / "local.jsonl")


@with_ray
def test_a_driver_that_is_killed_leaves_nothing_running_and_its_run_goes_on(place: Path) -> None:
    out = place / "driver.jsonl"
    with start(place, out.name) as process:
        wait_for(lambda: count_lines(out) >= 5)
        children = process.children(recursive=True)
        process.kill()
    out.write_bytes(out.read_bytes()[:-9])
    torn = count_lines(out)
    assert 4 <= torn < ANSWERS
    wait_for(lambda: not any(map(is_alive, children)))
    with start(place, out.name, "--resume") as process:
        _, complained = process.communicate(timeout=120)
    assert (process.returncode, complained) == (1, "")
    assert read(out) == read(place / "local.jsonl")


@with_ray
def test_ctrl_c_ends_ray_and_says_how_to_go_on(place: Path) -> None:
    out = place / "interrupted.jsonl"
    with start(place, out.name) as process:
        wait_for(lambda: count_lines(out) >= 3)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"of {ANSWERS} answers are in {out}; go on with the same command and --resume" in complained


@with_ray
def test_isolation_that_is_required_is_required_of_each_actor(place: Path) -> None:
    if json.loads(torch_judge("doctor", "--format", "json").stdout)["level"] == "full":
        pytest.skip("every layer holds here")
    out = place / "required.jsonl"
    done = torch_judge(*command(place, out.name, "--ray", "--require-isolation", "full"))
    assert (done.returncode, count_lines(out)) == (3, 0)
    assert done.stderr.startswith("torch-judge: the isolation that is required does not hold here")


def test_isolation_that_is_required_is_required_of_threads(place: Path) -> None:
    if json.loads(torch_judge("doctor", "--format", "json").stdout)["level"] == "full":
        pytest.skip("every layer holds here")
    out = place / "required_of_threads.jsonl"
    done = torch_judge(*command(place, out.name, "--require-isolation", "full"))
    assert (done.returncode, count_lines(out)) == (3, 0)
    assert done.stderr.startswith("torch-judge: the isolation that is required does not hold here")


def test_the_extra_is_named_where_ray_is_not_installed(place: Path) -> None:
    script = (
        "import sys; sys.modules['ray'] = None; from torch_judge.ui.cli.app import main; "
        f"main({command(place, 'none.jsonl', '--ray')!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 2 and 'pip install "torch-judge[ray]>=2.0"' in done.stderr
    assert not (place / "none.jsonl").exists()


def test_an_address_that_does_not_answer_or_is_none_is_said(place: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(UsageError, match="nobody answers there"):
        check_address(f"127.0.0.1:{port}")
    for address in ("here", "a:b", "head:99999", "http://head:80"):
        with pytest.raises(UsageError, match="expected the address of a cluster"):
            check_address(address)
    swallowed = torch_judge("evaluate", "--ray", place / "s.jsonl", "-o", place / "x.jsonl")
    assert swallowed.returncode == 2 and "is a file; --ray alone goes last" in swallowed.stderr


def test_a_problem_travels_with_its_files(place: Path, tmp_path: Path) -> None:
    problem = find_bank(place / "bank").load("double")
    there = unpack(pack(problem), tmp_path)
    assert there.folder.is_relative_to(tmp_path) and there.folder.parent == there.bank
    assert there.read_cases() == problem.read_cases()
    assert pack(problem).digest == pack(there).digest
    (there.folder / "cases.py").write_text(f"{problem.read_cases()}\n")
    assert pack(problem).digest != pack(there).digest


def test_a_machine_with_another_release_is_refused() -> None:
    here = find_versions()
    assert {"Python", "torch_judge", "torch", "numpy"} <= here.keys()
    assert explain_difference("node", there=here, here=here) is None
    difference = explain_difference("node", there={**here, "torch": "1.0"}, here=here)
    assert f"node has torch 1.0, and here it is {here['torch']}" in str(difference)
