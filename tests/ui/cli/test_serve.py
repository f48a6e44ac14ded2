"""The commands `serve` and `user`: users come and go, and what cannot be is said."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.support.board import TAB, Member
from tests.support.commands import torch_judge
from tests.support.services import run_server, write_bank
from torch_judge.model.errors import UsageError
from torch_judge.service.store import open_store
from torch_judge.ui.cli import serve
from torch_judge.ui.cli.app import main


def user(*arguments: object, data: Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["user", *map(str, arguments), "--data", str(data)])
    return done.exit_code, done.stdout, done.stderr


def test_a_token_is_printed_alone_and_is_its_user_s(tmp_path: Path) -> None:
    status, token, said = user("add", "ada", "--role", "teacher", data=tmp_path)
    assert status == 0
    assert said.startswith("torch-judge: this is the token of ada, shown this once")
    with open_store(tmp_path) as store:
        found = store.accounts.find(token.strip())
    assert found is not None and found.is_teacher


def test_users_are_listed_renewed_and_removed(tmp_path: Path) -> None:
    for name in ("bob", "ada"):
        user("add", name, data=tmp_path)
    assert user("list", data=tmp_path)[1] == "ada\tlearner\nbob\tlearner\n"
    status, token, _ = user("token", "ada", data=tmp_path)
    assert (status, token.startswith("tj_")) == (0, True)
    assert user("remove", "ada", data=tmp_path)[0] == 2  # nobody was asked
    assert user("remove", "ada", "--yes", data=tmp_path)[0] == 0
    assert user("list", data=tmp_path)[1] == "bob\tlearner\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "=cmd"), "'=cmd' can be no user's name"),
        (("add", "bob"), "there is a user 'bob' already"),
        (("token", "boob"), "no user 'boob'; did you mean 'bob'?"),
        (("remove", "nobody_at_all", "--yes"), "no user 'nobody_at_all'"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    user("add", "bob", data=tmp_path)
    status, _, complaint = user(*arguments, data=tmp_path)
    assert status == 2
    assert complaint.startswith(f"torch-judge: {said}")


def test_a_store_lies_with_the_user_s_data_where_nothing_else_is_said(home: Path) -> None:
    assert CliRunner().invoke(main, ["user", "add", "ada"]).exit_code == 0
    assert (home / "service" / "service.sqlite3").exists()


def test_a_store_is_in_one_place(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["user", "list", "--data", str(tmp_path), "--database", "postgresql://x"])
    assert (done.exit_code, "either in --data or in --database" in done.stderr) == (2, True)
    done = CliRunner().invoke(main, ["user", "list", "--database", "folder"])
    assert "--database is a URL" in done.stderr


def test_a_database_may_be_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(serve.DATABASE_VARIABLE, "postgresql://judge@host/judge")
    assert serve._find_place(None, None) == "postgresql://judge@host/judge"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_of_this_machine_nothing_is_said(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    serve._warn(host, serve.Level.SANDBOX.layers)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "judge.example.org", "::"])
def test_plain_http_beyond_this_machine_is_said(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    serve._warn(host, serve.Level.SANDBOX.layers)
    assert "tokens can be read on their way without TLS" in capsys.readouterr().err


def test_without_what_serves_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert 'uvicorn is not installed; pip install "torch-judge[serve]>=2.0" brings it' in done.stderr


def test_pages_need_more_than_the_api_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path)])
    assert (done.exit_code, "jinja2 is not installed" in done.stderr) == (2, True)


def test_a_user_signs_in_to_the_pages_of_a_server_and_is_removed_with_all_they_wrote(tmp_path: Path) -> None:
    data = tmp_path / "data"
    token = user("add", "ada", data=data)[1].strip()
    with run_server(write_bank(tmp_path / "bank"), "--data", data, "--jobs", 1) as server:
        ada = Member(httpx.Client(base_url=server.address, timeout=120, trust_env=False), token).sign_in()
        assert "Double" in ada.get("/problems/double").text
        assert ada.post("/api/problems/double/draft", {"tab": TAB, "text": "mine"}).status_code == 200
        assert ada.get("/nowhere").headers["content-type"].startswith("text/html")
        assert len(list((data / "pages").iterdir())) == 1
        assert user("remove", "ada", "--yes", data=data)[0] == 0
        assert list((data / "pages").iterdir()) == []
        assert ada.get("/problems/double").status_code == 303


def test_without_pages_only_the_api_answers(tmp_path: Path) -> None:
    token = user("add", "ada", data=tmp_path)[1].strip()
    with run_server(write_bank(tmp_path / "bank"), "--data", tmp_path, "--jobs", 1, "--no-pages") as server:
        assert server.ask(token, "GET", "/me").json()["name"] == "ada"
        answer = httpx.get(f"{server.address}/sign-in", trust_env=False)
        assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_drafts_have_a_place_of_their_own_for_a_database_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serve._find_notes("postgresql://host/name") == home / "service" / "pages"
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    with pytest.raises(UsageError, match="--no-pages"):
        serve._find_notes("postgresql://host/name")


def test_doctor_says_how_to_put_a_server_into_a_box() -> None:
    said = torch_judge("doctor", "--server").stdout
    assert "A whole server in a box" in said and "microVM" in said
    assert "microVM" not in torch_judge("doctor").stdout
