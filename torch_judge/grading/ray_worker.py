"""What one of Ray's processes does: it unpacks problems, and does jobs at a desk of its own."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from torch_judge.judging.batch import BatchJudge, Plan
from torch_judge.judging.desk import Desk
from torch_judge.judging.pool import Job
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission
from torch_judge.model.version import PACKAGE, __version__

from .package_files import list_package_files

Told = tuple[CaseResult, ...] | CaseResult | Report
"""What a worker tells of a check: which cases there are, the result of each, and the report."""


@dataclass(frozen=True, slots=True)
class Package:
    """A problem and the texts of its folder, for a machine that may not have them."""

    problem: Problem
    files: Mapping[str, bytes]
    digest: str


def pack(problem: Problem) -> Package:
    """Pack a problem for its way to other machines."""
    files = {str(path.relative_to(problem.folder)): path.read_bytes() for path in list_package_files(problem)}
    whole = hashlib.sha256(repr(problem).encode())
    for name, raw in files.items():
        whole.update(f"\0{name}\0{len(raw)}\0".encode() + raw)
    return Package(problem, files, whole.hexdigest()[:16])


def unpack(package: Package, folder: Path) -> Problem:
    """Write a problem's files below a folder, as a bank that holds it alone."""
    bank = folder / package.digest
    home = bank / package.problem.folder.relative_to(package.problem.bank)
    for name, raw in package.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return replace(package.problem, folder=home, bank=bank)


class RayWorker:
    """An actor. It starts anew when it is killed, and then knows nothing of before."""

    def __init__(self, folder: str | None, required: frozenset[Layer] | None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="torch_judge_", dir=folder))
        self._desk = Desk(required)
        self._problems: dict[str, Problem] = {}

    def introduce(self) -> tuple[str, int, dict[str, str]]:
        """Say where this is, which process, and by which releases it judges."""
        return platform.node(), os.getpid(), find_versions()

    def open(self, framework: Framework) -> None:
        """Start a warm server. Raises JudgeError where less isolation holds than is required."""
        self._desk.open(framework)
        self._desk.check_isolation(framework)

    def work(self, package: Package, jobs: Sequence[Job[Any]]) -> list[Any]:
        """Do jobs, and return what came of them."""
        judge = self._find_judge(package)
        return [job(judge) for job in jobs]

    def check(self, package: Package, submission: Submission, seed: int, plan: Plan) -> Generator[Told]:
        """Judge a submission under one seed, and yield what there is to tell as soon as it is known."""
        self._desk.begin()
        judge = self._find_judge(package)
        yield from tell(lambda plan: judge.judge(submission, seed, plan), plan)

    def _find_judge(self, package: Package) -> BatchJudge:
        problem = self._problems.get(package.digest)
        if problem is None:
            self._desk.check_isolation(package.problem.framework)
            problem = self._problems[package.digest] = unpack(package, self._folder)
        return self._desk.find_judge(problem)

    def cancel(self) -> None:
        """End what is judged, from another thread; what is judged next begins anew."""
        self._desk.cancel()

    def close(self) -> None:
        """End what was started, and leave nothing on the disk."""
        self._desk.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def tell(judge: Callable[[Plan], Report], plan: Plan) -> Generator[Told]:
    """Judge by a plan, in a thread of its own, and yield what it tells; the report is the last."""
    told = SimpleQueue[Told | BaseException]()

    def work() -> None:
        try:
            told.put(judge(replace(plan, on_suite=lambda cases: told.put(tuple(cases)), on_case=told.put)))
        except BaseException as error:
            told.put(error)

    Thread(target=work, name="torch_judge check", daemon=True).start()
    while True:
        piece = told.get()
        if isinstance(piece, BaseException):
            raise piece
        yield piece
        if isinstance(piece, Report):
            return


@cache
def find_versions() -> dict[str, str]:
    """Find what a verdict may depend on: our release and its very text, and those of what runs it."""
    own = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        if "problems" not in path.relative_to(PACKAGE).parts[:1]:
            own.update(path.read_bytes())
    found = {"Python": platform.python_version(), "torch_judge": f"{__version__} ({own.hexdigest()[:8]})"}
    for name in ("torch", "numpy"):
        try:
            found[name] = importlib.metadata.version(name).partition("+")[0]  # a build for another device
        except importlib.metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def explain_difference(place: str, *, there: Mapping[str, str], here: Mapping[str, str]) -> UsageError | None:
    """Say in which release a worker differs from this machine; None where it does not."""
    for name, version in here.items():
        if there.get(name) != version:
            said = f"{place} has {name} {there.get(name, 'none')}, and here it is {version}"
            return UsageError(f"--ray: {said}; install the same release on each machine")
    return None
