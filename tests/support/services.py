"""Small things that tests of a service share: a problem that every machine judges fast, and slow answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import uvicorn
from starlette.types import ASGIApp

from . import ROOT
from .packages import give_time, write_package

NUMPY = (
    'title = "Double"\nnumber = 1\ndifficulty = "easy"\nentry_point = "double"\nframework = "numpy"\n'
    'tags = ["arithmetic"]\n\n[limits]\nseconds_per_case = 1\nseconds_in_all = 4\n'
)
SLOW = "import time\n\n\ndef double(x, scale=2.0):\n    time.sleep(60)\n    return x * scale\n"


def write_bank(folder: Path, **files: str) -> Path:
    """Write a bank with the problem `double` in NumPy, which has a minute for each case."""
    give_time(write_package(folder, framework="numpy", **{"problem": NUMPY, **files}))
    return folder


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for as long as a busy machine may take."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def reach(app: ASGIApp) -> Iterator[httpx.Client]:
    """Serve an application on a free port, for a block, and yield a client that reaches it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        wait_until(lambda: server.started)
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs as a program, and its address."""

    process: subprocess.Popen[str]
    address: str

    def ask(self, token: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask for a path below the API's prefix as the user of a token."""
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        address = f"{self.address}/api/v1{path}"
        return httpx.request(method, address, headers=headers, timeout=120, trust_env=False, **options)

    def list_processes(self) -> list[psutil.Process]:
        """List the server's process and those that it has started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


@contextmanager
def run_server(bank: Path, *options: object, **environment: str) -> Iterator[Running]:
    """Run `torch-judge serve` on a free port, for a block."""
    command = [sys.executable, "-m", "torch_judge", "serve", "--bank", bank, "--port", 0, "--allow-root"]
    process = subprocess.Popen(
        [*map(str, command), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        line = process.stdout.readline()
        if not line:
            process.wait()
            raise AssertionError(process.stderr.read())
        yield Running(process, line.split(" at ")[1].split(";")[0])
    finally:
        process.kill()
        process.communicate()
