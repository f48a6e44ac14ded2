"""Root gives a worker a user of its own, or takes root's powers from it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.sandbox.harness import Server, system_server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


def test_root_gives_a_worker_a_user_of_its_own() -> None:
    """Nobody else has that id, and it owns nothing; the number of its threads is limited."""
    body = "import os, resource; answer = [*os.getresuid(), *os.getresgid(), os.getgroups()]"
    body += "; answer.append(resource.getrlimit(resource.RLIMIT_NPROC)[0])"
    (*ids, groups, threads), other = (
        each["answer"] for each in system_server().run([body, "import os; answer = os.getuid()"])
    )
    assert len(set(ids)) == 1
    assert ids[0] > 60_000
    assert ids[0] != other
    assert groups == []
    assert threads == 64


def test_a_user_of_its_own_cannot_read_what_is_private(tmp_path: Path) -> None:
    """With no other layer there is still this one."""
    (tmp_path / "canary").write_text("sings")
    (tmp_path / "canary").chmod(0o600)
    server = system_server(before="sys.modules['seccompy'] = sys.modules['landlockpy'] = None")
    answers = server.run(
        [
            f"open({str(tmp_path / 'canary')!r})",
            "import os; os.kill(server, 0)",
            "open(f'/proc/{server}/environ').read()",
        ]
    )
    assert [each.get("error") for each in answers] == ["PermissionError"] * 3


def test_root_without_a_readable_interpreter_loses_its_powers() -> None:
    """With the interpreter in a private folder, the worker stays root, who can do little; it is said."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root")
    server = Server(
        before="sys.modules['seccompy'] = sys.modules['landlockpy'] = None",
        prepared="prepared = replace(prepared, user=User.ROOT_WITHOUT_POWERS, user_reason='said')",
    )
    changed, parent = server.run(["import os; os.setuid(1)", "open(f'/proc/{server}/mem', 'rb')"])
    assert changed["error"] == "PermissionError"
    assert parent["error"] == "PermissionError"
    assert server.ask("answer = 1")["missing"]["identity"] == "said"
