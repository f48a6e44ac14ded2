"""A service whose judges are actors of Ray: the same reports, whatever is killed, and a clean end."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support import ROOT
from tests.support.commands import torch_judge
from tests.support.packages import SAMPLES
from tests.support.services import SLOW, Running, run_server, wait_until, write_bank
from torch_judge.service.store import open_store
from torch_judge.service.users import Role

with_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is an extra, not installed"
)
RIGHT, WRONG = SAMPLES["accepted/adds_twice.py"], SAMPLES["wrong_answer/returns_x.py"]
OPTIONS = ("--jobs", 1, "--lease", 2)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a bank and a store."""
    place = tmp_path_factory.mktemp("ray")
    write_bank(place / "bank")
    return place


@pytest.fixture(scope="module")
def token(place: Path) -> str:
    """Add a teacher, who may choose a seed, and return their token."""
    with open_store(place / "data") as store:
        return store.accounts.add("tina", Role.TEACHER)


@pytest.fixture(scope="module")
def on_ray(place: Path, token: str) -> Iterator[Running]:
    """Run a server with an actor of Ray on this machine."""
    with run_server(place / "bank", "--data", place / "data", *OPTIONS, "--ray") as server:
        yield server
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 0


def submit(server: Running, token: str, source: str) -> str:
    body = {"problem": "double", "source": source, "seed": 7}
    identity: str = server.ask(token, "POST", "/submissions", json=body).json()["id"]
    return identity


def follow(server: Running, token: str, identity: str) -> Iterator[tuple[str, Any]]:
    """Follow a submission to its report, and yield each event when it is there."""
    address = f"{server.address}/api/v1/submissions/{identity}/events"
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("GET", address, headers=headers, timeout=120, trust_env=False) as answer:
        kind = ""
        for line in answer.iter_lines():
            name, _, said = line.partition(": ")
            if name == "event":
                kind = said
            elif name == "data":
                yield kind, json.loads(said)


def judge(server: Running, token: str, source: str) -> dict[str, Any]:
    """Have a submission judged and return its report, without what differs from run to run."""
    *_, (kind, report) = follow(server, token, submit(server, token, source))
    assert kind == "report"
    cases = [{**case, "seconds": 0} for case in report["cases"]]
    return {**report, "cases": cases, "elapsed_seconds": 0}


def find_actors(server: Running) -> list[psutil.Process]:
    return [one for one in server.list_processes() if one.name().startswith("ray::RayWorker")]


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@with_ray
def test_a_report_is_the_one_that_threads_give_under_the_same_seed(
    place: Path, token: str, on_ray: Running, tmp_path: Path
) -> None:
    with open_store(tmp_path / "data") as store:
        other = store.accounts.add("tina", Role.TEACHER)
    with run_server(place / "bank", "--data", tmp_path / "data", "--jobs", 1) as on_threads:
        for source in (RIGHT, WRONG, "double = 1 / 0", "def double(x:"):
            assert judge(on_ray, token, source) == judge(on_threads, other, source)
    assert judge(on_ray, token, WRONG)["diagnosis"]["gotcha"] == "returns_x"


@with_ray
def test_an_actor_that_is_killed_in_the_middle_loses_nothing_and_tells_nothing_twice(
    token: str, on_ray: Running
) -> None:
    heard = []
    for kind, _facts in follow(on_ray, token, submit(on_ray, token, SLOW.replace("60", "3"))):
        heard.append(kind)
        if kind == "suite":  # it is told while the case still runs
            kill(find_actors(on_ray))
    assert [kind for kind in heard if kind != "waiting"] == ["taken", "suite", "case", "report"]
    assert judge(on_ray, token, RIGHT)["verdict"] == "accepted"


@with_ray
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_back_what_runs_and_leaves_neither_process_nor_folder(
    place: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(tmp_path / "data") as store:
        token = store.accounts.add("tina", Role.TEACHER)
        options = ("--data", tmp_path / "data", *OPTIONS, "--ray")
        with run_server(place / "bank", *options, TMPDIR=folder) as server:
            identity = submit(server, token, SLOW)
            assert "suite" in (kind for kind, _ in follow(server, token, identity))
            processes = server.list_processes()
            assert find_actors(server)
            server.process.send_signal(number)
            assert server.process.wait(60) == 0
            assert server.process.stderr is not None
            assert server.process.stderr.read() == ""
        gone, alive = psutil.wait_procs(processes, timeout=30)
        assert (len(gone), alive) == (len(processes), [])
        assert list(Path(folder).iterdir()) == []
        taken = store.queue.take()
    assert taken is not None
    assert (taken.id, taken.attempts) == (identity, 1)


@with_ray
def test_when_ray_vanishes_it_is_unwell_and_nothing_is_judged_wrongly(place: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("tina", Role.TEACHER)
    options = ("--data", tmp_path / "data", *OPTIONS)
    with run_server(place / "bank", *options, "--ray") as server:
        identity = submit(server, token, SLOW.replace("60", "20"))
        assert "suite" in (kind for kind, _ in follow(server, token, identity))
        kill([one for one in server.list_processes() if one.name() == "raylet"])
        health = f"{server.address}/health"
        wait_until(lambda: httpx.get(health, trust_env=False).status_code == 503)
        assert httpx.get(health, trust_env=False).json()["status"] == "no judge can be reached"
        assert server.ask(token, "GET", f"/submissions/{identity}").json()["state"] != "done"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
    with run_server(place / "bank", *options) as server:
        *_, (kind, report) = follow(server, token, identity)
        assert (kind, report["verdict"]) == ("report", "accepted")


def test_wrong_words_are_said_before_anything_starts(place: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{unused.getsockname()[1]}"
    start = ("serve", "--bank", place / "bank", "--data", place / "none", "--port", 0, "--allow-root")
    for address, said in ((nobody, "nobody answers there"), ("here", "expected the address of a cluster")):
        done = torch_judge(*start, "--ray", address)
        assert done.returncode == 2
        assert said in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = torch_judge(*start, "--ray", f"ray://127.0.0.1:{listener.getsockname()[1]}")
    assert done.returncode == 2
    assert "cases do not arrive over ray://" in done.stderr
    swallowed = torch_judge(*start, "--ray", place)
    assert swallowed.returncode == 2
    assert "--ray alone goes last" in swallowed.stderr


def test_the_extra_is_named_where_ray_is_not_installed(place: Path) -> None:
    start = ["serve", "--bank", str(place / "bank"), "--data", str(place / "none"), "--allow-root"]
    script = (
        "import sys; sys.modules['ray'] = None; from torch_judge.ui.cli.app import main; "
        f"main({[*start, '--port', '0', '--ray']!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert 'pip install "torch-judge[ray]>=2.0"' in done.stderr
