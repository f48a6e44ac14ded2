"""Gradescope's autograder: a zip that installs the judge there, with the problems it judges by."""

from __future__ import annotations

import shlex
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.submitted import Student, Submitted
from torch_judge.grading.package_files import list_package_files
from torch_judge.model.bank import Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import REQUIRE_VARIABLE
from torch_judge.model.problem import Problem
from torch_judge.model.version import __version__

from .classwork import Work, list_handins, list_works
from .points import Points, Scheme, make_points

CONFIG: Final = "autograder.json"
BANK: Final = "bank"
SCHEMA: Final = 1
_RUNS: Final = 0o100755 << 16
_IS_READ: Final = 0o100644 << 16
SETUP: Final = """\
#!/usr/bin/env bash
# Written by torch-judge gradescope: Gradescope runs it once, to build the machine that grades.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}

find_python() {
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if ! find_python > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y python3.11 python3.11-venv || apt-get install -y python3 python3-venv
fi
"$(find_python)" -m venv "$root/torch_judge"
"$root/torch_judge/bin/python" -m pip install --no-cache-dir {options}{package}
"""
RUN: Final = """\
#!/usr/bin/env bash
# Written by torch-judge gradescope: Gradescope runs it for each submission, and reads results/results.json.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
python=${AUTOGRADER_PYTHON:-$root/torch_judge/bin/python}
{require}cd "$root/source"
exec "$python" -P -m torch_judge autograde "$root"
"""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an autograder was made for."""

    problems: tuple[str, ...]
    scheme: Scheme
    weights: dict[str, float]
    total: float | None
    seed: int
    visibility: str
    counterexample: bool
    judge_version: str = __version__
    schema: int = SCHEMA

    @property
    def points(self) -> Points:
        """Return what the problems are worth."""
        return make_points(self.problems, scheme=self.scheme, weights=self.weights, total=self.total)


def write_autograder(
    path: Path,
    problems: Sequence[Problem],
    config: Config,
    *,
    wheel: Path | None = None,
    pip_options: str = "",
    required: str = "",
) -> None:
    """Write the zip. Raises UsageError.

    `wheel` is installed in the place of the released judge. Where a layer of the sandbox is missing that is
    `required`, nothing is judged.
    """
    package = f'"$root/source/"{shlex.quote(wheel.name)}' if wheel else f"torch-judge=={__version__}"
    try:
        options = "".join(f"{shlex.quote(option)} " for option in shlex.split(pip_options))
    except ValueError as error:
        raise UsageError(f"--pip-options {pip_options}: {error}") from None
    setup = SETUP.replace("{options}", options).replace("{package}", package)
    require = f"export {REQUIRE_VARIABLE}={shlex.quote(required)}\n" if required else ""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "setup.sh", setup.encode(), mode=_RUNS)
            _add(archive, "run_autograder", RUN.replace("{require}", require).encode(), mode=_RUNS)
            _add(archive, CONFIG, msgspec.json.format(msgspec.json.encode(config), indent=2))
            if wheel is not None:
                _add(archive, wheel.name, wheel.read_bytes())
            for problem in problems:
                for file in list_package_files(problem):
                    name = f"{BANK}/{file.relative_to(problem.bank).as_posix()}"
                    _add(archive, name, file.read_bytes())
    except OSError as error:
        raise UsageError(f"{error.filename or path}: {error.strerror}") from None


def read_autograder(root: Path) -> tuple[Config, list[Problem]]:
    """Read what lies in the folder of an autograder that was unpacked. Raises UsageError."""
    path = root / "source" / CONFIG
    try:
        config = msgspec.json.decode(path.read_bytes(), type=Config)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path}: {error}") from None
    bank = Bank(root / "source" / BANK)
    return config, [bank.load(name) for name in config.problems]


def take_in_submission(root: Path, problems: Sequence[Problem]) -> list[Work]:
    """Read what was handed in: all files in the folder are one submission."""
    with open_exports([str(root / "submission")]) as (export,):
        files = tuple((file.path, file) for file in export.files if file.may_hold_code)
        return list_works(list_handins([Submitted((Student("submission"),), files)]), problems)


def _add(archive: zipfile.ZipFile, name: str, raw: bytes, *, mode: int = _IS_READ) -> None:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode, zipfile.ZIP_DEFLATED
    archive.writestr(info, raw)
