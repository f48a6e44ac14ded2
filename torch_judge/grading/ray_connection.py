"""The line to Ray: a quiet one, to a cluster that is there or to a Ray of our own on this machine."""

from __future__ import annotations

import importlib
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from torch_judge.model.errors import JudgeError, TorchJudgeError, UsageError
from torch_judge.model.sanitize import one_line

CONTROL: Final = "control"
"""The group of calls that an actor answers while it judges."""
LOCAL: Final = "local"
AUTO: Final = "auto"
LAST_PORT: Final = 65535
SECONDS_TO_ANSWER: Final = 5.0
SECONDS_TO_END: Final = 3.0
STORE_MIB: Final = 128
"""Problems and reports are small; by default Ray takes a third of the machine's memory."""
_ADDRESS: Final = re.compile(r"(?:ray://)?(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\]):(?P<port>[0-9]{1,5})")
_QUIET: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent to anybody
    "RAY_worker_niceness": "0",  # by default its workers give way to whatever else runs here
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns of what it will do one day
    "RAY_py_gcs_connect_timeout_s": "5",
    "RAY_gcs_rpc_server_connect_timeout_s": "2",
}
_WITHOUT_HEAD: Final = {"RAY_gcs_rpc_server_reconnect_timeout_s": str(10**8)}


def check_address(address: str) -> None:
    """Raise UsageError for what is no address, and where nobody answers."""
    if address in {LOCAL, AUTO}:
        return
    parts = _ADDRESS.fullmatch(address)
    if parts is None or int(parts["port"]) > LAST_PORT:
        said = "expected the address of a cluster, such as head:6379, or auto or local"
        raise UsageError(f"--ray {one_line(address[:80])}: {said} (--ray alone goes last)")
    try:
        host = parts["host"].strip("[]")
        socket.create_connection((host, int(parts["port"])), timeout=SECONDS_TO_ANSWER).close()
    except OSError as error:
        reason = error.strerror or str(error) or "no answer"
        raise UsageError(f"--ray {address}: nobody answers there: {reason}") from None


def import_ray(address: str, *, outlives_head: bool = False) -> Any:
    """Import Ray, and have it be quiet. Raises UsageError where it is not installed.

    Ray ends a process that uses it a minute after the head has vanished, unless it `outlives_head`.
    """
    os.environ.update(_QUIET)
    if outlives_head:
        os.environ.update(_WITHOUT_HEAD)
    if address == LOCAL:  # its ports are open to the whole machine, so that whoever knocks must know a word
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        return importlib.import_module("ray")
    except ImportError:
        said = 'Ray is not installed; pip install "torch-judge[ray]>=2.0" brings it'
        raise UsageError(f"--ray: {said}") from None


def word_error(error: BaseException) -> TorchJudgeError:
    """Word what Ray raises; what a worker of ours raised on purpose is said as it was."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, TorchJudgeError):
        return cause
    text = str(error)
    if "ModuleNotFoundError" in text and "torch_judge" in text:
        return UsageError("a machine of the cluster has no torch_judge of this release; install it on each")
    lines = [line for line in text.splitlines() if line.strip()]
    return JudgeError(f"Ray: {type(error).__name__}: {one_line(lines[-1] if lines else '')}")


@contextmanager
def _hush() -> Iterator[None]:
    """Keep to ourselves what Ray's own threads write on stderr, past Python, while it connects."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class Connection:
    """A connection to Ray, and how many workers it has room for."""

    def __init__(self, ray: Any, address: str, count: int | None) -> None:
        self._ray, self._address = ray, address
        self.folder = tempfile.mkdtemp(prefix="tj_") if address == LOCAL else None
        self._is_ours = not ray.is_initialized()
        try:
            if self._is_ours:
                self._connect(count)
            cores = int(ray.cluster_resources().get("CPU", 0))
            self.count = min(count or cores, cores)
        except BaseException:
            self.close([])
            raise

    def _connect(self, count: int | None) -> None:
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "CRITICAL"}
        if self._address == LOCAL:
            options |= {
                "num_cpus": count or os.cpu_count() or 1,
                "include_dashboard": False,
                "object_store_memory": STORE_MIB << 20,
                "_temp_dir": self.folder,
                "_node_ip_address": "127.0.0.1",
            }
        try:
            with _hush():
                self._ray.init(address=self._address, **options)
        except (Exception, SystemExit) as error:
            reason = one_line(str(error).strip().split("\n", 1)[0]) if isinstance(error, Exception) else ""
            where = (
                "Ray does not start" if self._address == LOCAL else f"--ray {self._address}: no Ray answers"
            )
            raise UsageError(f"{where}{reason and ': '}{reason}") from None

    def close(self, actors: Sequence[Any]) -> None:
        """End the actors, and what was started for them."""
        if self._ray.is_initialized():
            with suppress(Exception):  # whoever does not end by itself is killed
                ending = [
                    actor.close.options(concurrency_group=CONTROL, max_task_retries=0).remote()
                    for actor in actors
                ]
                if ending and self._address != LOCAL:
                    self._ray.wait(ending, num_returns=len(ending), timeout=SECONDS_TO_END)
            for actor in actors:
                with suppress(Exception):
                    self._ray.kill(actor)
            if self._is_ours:
                self._ray.shutdown()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
