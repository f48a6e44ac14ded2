"""Processes that were left behind are found, killed and reaped, and no other is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import ROOT

ORPHANS = """
import os, signal, sys, time
sys.path[:0] = [{root!r}]
from torch_judge.sandbox import reaper as orphans
{become}
def nap(): time.sleep(60); os._exit(0)
known = os.fork() or nap()
parent = os.fork()
if parent == 0:
    for _ in range(3):
        os.fork() or (os.setsid(), os.fork() or nap(), nap())
    os._exit(0)
os.waitpid(parent, 0)
time.sleep(0.3)
print(orphans.reap_orphans({{known}}), orphans._list_children() == {{known}})
os.kill(known, signal.SIGKILL); os.waitpid(known, 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_orphans_are_killed_and_the_known_child_is_not() -> None:
    """Three processes that left their session, and a child of each: six orphans."""
    program = ORPHANS.format(root=str(ROOT), become="assert orphans.become_subreaper()")
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["6", "True"], done.stderr
