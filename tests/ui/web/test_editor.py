"""The editor in the wheel is what its lockfile gives, and its licences are beside it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT

SOURCES = ROOT / "tests" / "tools" / "editor"
STATIC = ROOT / "torch_judge" / "ui" / "web" / "static"
UNREACHED = r"\b(ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|E40[13]|E50\d)\b"


def shipped() -> dict[str, str]:
    """Read which files the build made, with their hashes."""
    lines = (SOURCES / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_editor_is_what_its_hash_says() -> None:
    assert shipped().keys() == {"editor.js", "editor.licences.txt"}
    assert {name: digest_of(STATIC / name) for name in shipped()} == shipped()


def test_the_licence_of_each_package_that_may_be_in_the_editor_is_beside_it() -> None:
    packages = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    bundled = {
        (path.removeprefix("node_modules/"), package["version"])
        for path, package in packages.items()
        if path and not package.get("dev")
    }
    text = (STATIC / "editor.licences.txt").read_text()
    named = set(re.findall(r"^(@?[a-z0-9/-]+) (\d+\.\d+\.\d+)$", text, flags=re.MULTILINE))
    assert named == bundled
    assert text.count("Permission is hereby granted, free of charge") == len(bundled)


def test_the_lockfile_names_hashes_and_no_registry() -> None:
    text = (SOURCES / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert all(package["integrity"].startswith("sha512-") for path, package in packages.items() if path)
    pinned = json.loads((SOURCES / "package.json").read_text())
    for version in (pinned["dependencies"] | pinned["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_lockfile_gives_the_same_bytes(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not here")
    folder = tmp_path / "editor"
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("node_modules"))
    install = ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and (code := re.search(UNREACHED, done.stderr)):
        pytest.skip(f"npm does not reach its registry: {code[1]}")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["node", "build.mjs", str(out)], cwd=folder, capture_output=True, text=True, check=True)
    assert {path.name: digest_of(path) for path in out.iterdir()} == shipped()
