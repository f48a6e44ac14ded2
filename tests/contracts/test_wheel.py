"""The wheel as it is installed: what it carries, that it judges, and that no submission can read of it.

An editable checkout is not readable to a worker anyway. Only beside the libraries, in `site-packages`, does
it show whether the judge hides itself: the sandbox opens that folder and leaves out what it is told to.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from torch_judge.model.version import __version__

SLUG = "batchnorm_numpy"
BANK = "torch_judge/problems/normalisation"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("wheel")
    options = ["-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(into)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True, capture_output=True
    )
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel as pip does, byte code and all, beside another package that anyone may read."""
    folder = tmp_path_factory.mktemp("installed") / "site-packages"
    zipfile.ZipFile(wheel).extractall(folder)
    rooms = [path for path in (folder / "torch_judge").iterdir() if path.is_dir() and path.name != "problems"]
    compileall.compile_dir(folder / "torch_judge", maxlevels=0, quiet=2)
    for path in (*rooms, folder / BANK / SLUG):  # all of the bank would take long
        compileall.compile_dir(path, quiet=2)
    (folder / "neighbour.py").write_text("value = 'readable'\n")
    return folder


def run(site: Path, submission: Path) -> dict[str, Any]:
    """Judge a submission by what is installed in a folder, in a fresh interpreter, and return its report."""
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "torch_judge", "run", SLUG, str(submission), "--format", "json"]
    done = subprocess.run(
        command, cwd=submission.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr + done.stdout
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_the_wheel_carries_the_bank_and_the_types(wheel: Path) -> None:
    assert wheel.name.startswith(f"torch_judge-{__version__}-py3-none-any")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "torch_judge/py.typed",
        f"{BANK}/batchnorm/problem.toml",
        f"{BANK}/batchnorm/solution.py",
    } <= names
    problems = [path.parent for path in (ROOT / "problems").rglob("problem.toml")]
    assert problems
    kinds = {".py", ".md", ".toml", ".json"}
    files = [path for folder in problems for path in folder.rglob("*") if path.suffix in kinds]
    assert {f"torch_judge/{path.relative_to(ROOT)}" for path in files} <= names
    assert not [name for name in names if name.startswith(("tests", "templates", "problems"))]


def test_the_wheel_carries_the_page(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = ROOT / "torch_judge" / "ui" / "web"
    files = [path for kind in ("templates", "static") for path in (folder / kind).iterdir()]
    assert {"base.html", "problem.html", "page.js", "editor.js", "editor.licences.txt", "style.css"} <= {
        path.name for path in files
    }
    assert {str(path.relative_to(ROOT)) for path in files} <= names


def test_an_installed_wheel_finds_its_bank_and_judges(site: Path, tmp_path: Path) -> None:
    sample = shutil.copy(site / BANK / SLUG / "solution.py", tmp_path)
    assert run(site, Path(sample))["verdict"] == "accepted"


# --- reading the judge ---

HUNT = r'''
def _hunt():
    """Try every file, and return what was read; each way returns None or raises where it reads nothing."""
    import ctypes, importlib.machinery, importlib.resources, importlib.util, inspect, io, json, linecache, os
    import pkgutil, shutil, sys, tempfile, tokenize, types, zipimport
    import numpy

    def by_descriptor(path, folder=None):
        descriptor = os.open(path, os.O_RDONLY, dir_fd=folder)
        try:
            return os.read(descriptor, 10)
        finally:
            os.close(descriptor)

    def within(path):
        folder = os.open(os.path.dirname(path), os.O_PATH)
        try:
            return by_descriptor(os.path.basename(path), folder)
        finally:
            os.close(folder)

    def from_inside(path):
        here = os.getcwd()
        os.chdir(os.path.dirname(path))
        try:
            return by_descriptor(os.path.basename(path))
        finally:
            os.chdir(here)

    def in_c(path):
        descriptor = ctypes.CDLL(None).open(path.encode(), os.O_RDONLY)
        return os.close(descriptor) or True if descriptor >= 0 else None

    def as_resource(path):
        folder, name = os.path.split(path)
        own = importlib.machinery.SourceFileLoader("hunted", folder + "/__init__.py")
        spec = importlib.machinery.ModuleSpec("hunted", own, is_package=True)
        spec.submodule_search_locations = [folder]
        return importlib.resources.files(importlib.util.module_from_spec(spec)).joinpath(name).read_bytes()

    def as_code(path):
        if not path.endswith(".py"):
            return None
        spec = importlib.util.spec_from_file_location("hunted", path)
        return spec.loader.get_code("hunted")

    def as_archive(path):
        try:
            return zipimport.zipimporter(path)
        except zipimport.ZipImportError as error:
            return None if "can't open" in str(error) else error

    def listed(path):
        return os.listdir(os.path.dirname(path)) or None

    def scanned(path):
        with os.scandir(os.path.dirname(path)) as entries:
            return list(entries) or None

    def found_as_module(path):
        return [each.name for each in pkgutil.iter_modules([os.path.dirname(path)])] or None

    cached = sum("torch_judge" in name for name in linecache.cache)
    loader = importlib.machinery.SourceFileLoader("hunted", "hunted")
    ways = {
        "open": lambda path: open(path, "rb").read(),
        "io": lambda path: io.FileIO(path).read(),
        "os": by_descriptor,
        "dir_fd": within,
        "chdir": from_inside,
        "C": in_c,
        "root": lambda path: by_descriptor("/proc/self/root" + path),
        "dots": lambda path: by_descriptor(path.replace("/torch_judge/", "/torch_judge/../torch_judge/")),
        "listdir": listed,
        "scandir": scanned,
        "iter_modules": found_as_module,
        "resources": as_resource,
        "linecache": lambda path: linecache.getlines(path) or None,
        "tokenize": lambda path: tokenize.open(path).read(10),
        "loader": lambda path: loader.get_data(path),
        "get_code": as_code,
        "zipimport": as_archive,
        "copy": lambda path: shutil.copyfile(path, os.path.join(tempfile.gettempdir(), "copy")),
        "numpy": lambda path: numpy.fromfile(path, dtype=numpy.uint8),
    }
    places = (path for path in sys.path if os.path.exists(os.path.join(path, "torch_judge", "py.typed")))
    root = next(places, "")
    read, rooms, files = {}, {}, 0
    for name in FILES:
        files += 1
        other = "/problems/" in name and SLUG not in name  # a thousand files: of these, by the shortest ways
        for way in ("open", "os", "listdir") if other else ways:
            try:
                value = ways[way](os.path.join(root, name))
            except Exception:
                continue
            if value is not None:
                read[way] = read.get(way, 0) + 1
                room = "/".join(name.split("/")[1:-1])
                rooms[room] = rooms.get(room, 0) + 1

    live, waiting, frame = {}, [], sys._getframe()
    while frame is not None:
        waiting.append(frame.f_globals)
        frame = frame.f_back
    while waiting:
        names = waiting.pop()
        if id(names) in live or not names.get("__name__", "").startswith("torch_judge"):
            continue
        live[id(names)] = names
        for value in list(names.values()):
            inner = vars(value).values() if isinstance(value, type) else [value]
            waiting += [each.__globals__ for each in inner if isinstance(each, types.FunctionType)]
    for names in live.values():
        for value in list(names.values()):
            if not isinstance(value, (types.FunctionType, type)) or value.__module__ != names["__name__"]:
                continue
            try:
                inspect.getsource(value)
                read["inspect"] = read.get("inspect", 0) + 1
            except (OSError, TypeError):
                pass
        for way, attempt in {
            "live loader": lambda: names["__loader__"].get_data(names["__file__"]),
            "live byte code": lambda: names["__loader__"].get_data(names["__cached__"]),
        }.items():
            try:
                attempt()
                read[way] = read.get(way, 0) + 1
            except OSError:
                pass
    with open(os.path.join(root, "neighbour.py")) as file:
        neighbour = file.read()
    return json.dumps({"root": root, "files": files, "ways": len(ways), "read": read, "rooms": rooms,
                       "live": len(live), "cached": cached, "neighbour": neighbour})


_own = batchnorm_forward
_said = []


def batchnorm_forward(*arguments, **options):
    if not _said:
        _said.append(_hunt())
        print(_said[0])
    return _own(*arguments, **options)
'''


def hunt(site: Path, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Have a right submission look for every file of the installed judge; return what it says, and the files.

    It is given their names, so that a folder it cannot list is searched all the same.
    """
    files = sorted(
        str(path.relative_to(site)) for path in (site / "torch_judge").rglob("*") if path.is_file()
    )
    solution = (site / BANK / SLUG / "solution.py").read_text()
    submission = folder / "hunter.py"
    submission.write_text(f"{solution}\n\nSLUG = {SLUG!r}\nFILES = {json.dumps(files)}\n{HUNT}")
    report = run(site, submission)
    if "files" in report["isolation_missing"]:
        pytest.skip(report["isolation_missing"]["files"])
    assert report["verdict"] == "accepted", report
    said: dict[str, Any] = json.loads(report["cases"][0]["stdout"])
    # it knows where the package is, went through the whole list, and can read what lies beside it
    assert said["root"] == str(site)
    assert said["files"] == len(files)
    assert said["neighbour"] == "value = 'readable'\n"
    assert said["live"] >= 3
    return said, files


def test_no_submission_reads_a_file_of_the_installed_judge(site: Path, tmp_path: Path) -> None:
    """Not of its code, its byte code, its bank or anything else below `torch_judge/`, in whatever way."""
    said, files = hunt(site, tmp_path)
    names = {Path(name).name for name in files}
    assert {"comparison.py", "py.typed", "solution.py", "problem.toml"} <= names
    assert {Path(name).parts[1] for name in files} >= {
        *("model", "authoring", "sandbox", "execution", "judging", "learning", "verification", "ui"),
        *("problems", "__pycache__", "py.typed"),
    }
    assert any(name.endswith(".pyc") and "/problems/" in name for name in files)
    assert any(name.endswith(".pyc") and "/checker/" in name for name in files)
    assert (said["read"], said["rooms"], said["cached"]) == ({}, {}, 0)


MISTAKE = "from torch_judge.model.version import PACKAGE\n"
"""The line that says what is hidden; with the program's own folder in its place, the rest is open."""


def test_the_hunt_finds_the_judge_where_only_a_part_of_it_is_hidden(site: Path, tmp_path: Path) -> None:
    """The test above can fail: this is what happens if the program hides the folder that it lies in."""
    copy = tmp_path / "site-packages"
    shutil.copytree(site, copy)
    program = copy / "torch_judge" / "execution" / "forkserver" / "program.py"
    text = program.read_text()
    assert text.count(MISTAKE) == 1
    program.write_text(text.replace(MISTAKE, "PACKAGE = Path(__file__).resolve().parent\n"))
    for path in program.parent.joinpath("__pycache__").glob("program.*"):
        path.unlink()
    said, _ = hunt(copy, tmp_path)
    rooms = said["rooms"]
    assert {"execution/checker", "judging", "model", "sandbox", "ui", "__pycache__"} <= rooms.keys()
    assert "execution/forkserver" not in rooms
    assert not any(room.startswith(f"problems/normalisation/{SLUG}") for room in rooms)
    # each way does read, where nothing is in its way
    assert len(said["read"]) == said["ways"] + len({"inspect", "live loader", "live byte code"})
