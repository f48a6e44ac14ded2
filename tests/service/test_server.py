"""The server as a program: what it refuses to start with, kills in the middle, and a clean end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.commands import torch_judge
from tests.support.packages import SAMPLES
from tests.support.services import SLOW, Running, run_server, wait_until, write_bank
from torch_judge.service.store import open_store
from torch_judge.service.users import Role

RIGHT, WRONG = SAMPLES["accepted/adds_twice.py"], SAMPLES["wrong_answer/returns_x.py"]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_bank(tmp_path / "bank")


def submit(server: Running, token: str, source: str, **headers: str) -> str:
    body = {"problem": "double", "source": source}
    answer = server.ask(token, "POST", "/submissions", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    identity: str = answer.json()["id"]
    return identity


def find(server: Running, token: str, identity: str) -> dict[str, Any]:
    answer = server.ask(token, "GET", f"/submissions/{identity}")
    assert answer.status_code == 200, answer.text
    fields: dict[str, Any] = answer.json()
    return fields


def follow(server: Running, token: str, identity: str) -> list[str]:
    """Follow a submission to its report, and return the kinds of its events."""
    text = server.ask(token, "GET", f"/submissions/{identity}/events").text
    return [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]


def follow_to_the_end(server: Running, token: str, identity: str, heard: threading.Event) -> None:
    """Follow a submission until the server ends; say when the first line is there."""
    address = f"{server.address}/api/v1/submissions/{identity}/events"
    headers = {"Authorization": f"Bearer {token}"}
    with (
        contextlib.suppress(httpx.TransportError),
        httpx.stream("GET", address, headers=headers, timeout=120, trust_env=False) as answer,
    ):
        for _line in answer.iter_lines():
            heard.set()


def test_a_kill_of_the_server_and_of_its_processes_loses_nothing_and_doubles_nothing(
    place: str, bank: Path
) -> None:
    """Users submit, the server is killed twice and what it started once, and each has one right verdict."""
    with open_store(place) as store:
        tokens = [store.accounts.add(f"user{number}") for number in range(6)]
    options = ("--database" if "://" in place else "--data", place, "--lease", 2, "--jobs", 2)
    asked: dict[str, tuple[str, bool]] = {}

    def submit_all(server: Running, round_: int) -> None:
        for number, token in enumerate(tokens):
            source = (RIGHT, WRONG)[number % 2]
            slow = source.replace("    return", "    import time\n    time.sleep(0.3)\n    return")
            key = {"Idempotency-Key": f"{round_}"}
            identity = submit(server, token, slow, **key)
            assert submit(server, token, slow, **key) == identity
            asked[identity] = token, number % 2 == 0

    def count_done(server: Running) -> int:
        return sum(find(server, token, identity)["state"] == "done" for identity, (token, _) in asked.items())

    for round_ in range(2):
        with run_server(bank, *options) as server:
            before = count_done(server)
            submit_all(server, round_)
            wait_until(lambda: count_done(server) >= before + 2)  # noqa: B023 - called in this round
            server.process.send_signal(signal.SIGKILL)
    with run_server(bank, *options) as server:
        submit_all(server, 2)
        wait_until(lambda: count_done(server) >= 4)
        for child in server.list_processes()[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        wait_until(lambda: count_done(server) == len(asked))
        for identity, (token, is_right) in asked.items():
            report = find(server, token, identity)["report"]
            assert report["verdict"] == ("accepted" if is_right else "wrong answer"), report
            assert follow(server, token, identity).count("report") == 1
    assert len(asked) == 18


def test_a_signal_ends_it_cleanly_and_gives_back_what_runs(bank: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
        with run_server(bank, "--data", tmp_path / "data", "--jobs", 1) as server:
            identity = submit(server, token, SLOW)
            wait_until(lambda: find(server, token, identity)["state"] == "running")
            processes = server.list_processes()
            assert len(processes) > 1
            heard = threading.Event()
            follower = threading.Thread(target=follow_to_the_end, args=(server, token, identity, heard))
            follower.start()
            assert heard.wait(60)  # a stream of events that somebody reads does not keep the server
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(60) == 0
            follower.join()
            assert server.process.stderr is not None
            assert "Traceback" not in server.process.stderr.read()
        gone, alive = psutil.wait_procs(processes, timeout=30)
        assert (len(gone), alive) == (len(processes), [])
        taken = store.queue.take()
    assert taken is not None  # at once, and not when its lease has run out
    assert (taken.id, taken.attempts) == (identity, 1)


def test_two_servers_share_a_postgres(empty_postgres: str, bank: Path) -> None:
    with open_store(empty_postgres) as store:
        tokens = [store.accounts.add(f"user{number}") for number in range(4)]
    options = ("--database", empty_postgres, "--jobs", 1)
    with run_server(bank, *options) as one, run_server(bank, *options) as other:
        ids = [submit(one, token, RIGHT) for token in tokens]
        for token, identity in zip(tokens, ids, strict=True):
            assert follow(other, token, identity)[-1] == "report"
            assert find(other, token, identity)["verdict"] == "accepted"


def test_two_users_do_not_see_each_other(bank: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        ada, bob, tina = (
            store.accounts.add("ada"),
            store.accounts.add("bob"),
            store.accounts.add("tina", Role.TEACHER),
        )
    with run_server(bank, "--data", tmp_path / "data", "--reveal", "verdicts") as server:
        identity = submit(server, ada, WRONG)
        assert follow(server, ada, identity)[-1] == "report"
        assert server.ask(bob, "GET", f"/submissions/{identity}").status_code == 404
        assert find(server, ada, identity)["report"]["cases"][0]["title"] == "case 1"
        assert find(server, tina, identity)["report"]["cases"][0]["title"] == "doubles by default"


def test_a_user_who_is_removed_is_let_in_no_more(bank: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
    with run_server(bank, "--data", tmp_path / "data") as server:
        assert server.ask(token, "GET", "/me").status_code == 200
        assert torch_judge("user", "remove", "ada", "--yes", "--data", tmp_path / "data").returncode == 0
        assert server.ask(token, "GET", "/me").status_code == 401


def test_a_client_that_sends_nothing_holds_nobody_up(bank: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
    with run_server(bank, "--data", tmp_path / "data", "--jobs", 1) as server:
        host, port = server.address.removeprefix("http://").split(":")
        silent = [socket.create_connection((host, int(port))) for _ in range(50)]
        head = f"POST /api/v1/submissions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        for connection in silent:
            connection.sendall(
                head.encode() + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
            )
        assert follow(server, token, submit(server, token, RIGHT))[-1] == "report"
        for connection in silent:
            connection.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root is refused")
def test_root_is_refused_unless_it_is_said(bank: Path, tmp_path: Path) -> None:
    done = torch_judge("serve", "--bank", bank, "--data", tmp_path / "data", "--port", 0)
    assert done.returncode == 2
    assert "root may not serve it: start it as a user of its own" in done.stderr


def test_less_isolation_than_is_required_is_refused_and_less_is_allowed_by_name_only(
    bank: Path, tmp_path: Path
) -> None:
    start = {"TORCH_JUDGE_START": "spawn"}  # where nothing is forked, no user can be changed to
    options = ("--bank", bank, "--data", tmp_path / "data", "--port", 0, "--allow-root")
    done = torch_judge("serve", *options, "--require-isolation", "full", **start)
    assert done.returncode == 3
    assert "the isolation that is required does not hold here, so nothing was run: identity" in done.stderr
    done = torch_judge("serve", *options, TORCH_JUDGE_REQUIRE_ISOLATION="full", **start)
    assert done.returncode == 3  # what the environment requires holds besides
    done = torch_judge("serve", *options, "--require-isolation", "none")
    assert done.returncode == 2
    assert "no isolation level 'none'" in done.stderr
    with run_server(bank, "--data", tmp_path / "data", "--require-isolation", "process") as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 0
        assert server.process.stderr is not None
        assert "less isolation than the level sandbox, as you asked" in server.process.stderr.read()


def test_a_port_that_is_taken_is_said(bank: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = torch_judge(
            "serve", "--bank", bank, "--data", tmp_path / "data", "--port", port, "--allow-root"
        )
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}: " in done.stderr


def test_the_server_loads_neither_torch_nor_numpy(bank: Path, tmp_path: Path) -> None:
    script = (
        "import sys\nimport torch_judge.service.server, torch_judge.ui.cli.serve\n"
        "print([name for name in ('torch', 'numpy', 'psycopg') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
