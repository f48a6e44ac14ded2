"""`check` by a judge elsewhere: a template works as it is, and shows the card that it shows here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.kernels import cards, executed, shown
from tests.support.packages import SAMPLES
from tests.support.services import run_server
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.live_object import from_object
from torch_judge.model.submission import from_source
from torch_judge.service.store import open_store
from torch_judge.ui.notebook.answer import make_source
from torch_judge.ui.notebook.check import check

from .test_templates import as_given_and_solved

SLUG = "batchnorm_numpy"


def test_a_template_works_unchanged_with_a_server_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = find_bank().load(SLUG)
    shutil.copytree(problem.folder, tmp_path / "bank" / "normalisation" / SLUG)
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
    with run_server(tmp_path / "bank", "--data", tmp_path / "data", "--jobs", 1) as server:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("TORCH_JUDGE_SERVER", server.address)
        monkeypatch.setenv("TORCH_JUDGE_TOKEN", token)
        _, _, _, _, given, _, _, solved = executed(as_given_and_solved(problem), tmp_path).cells
        history = server.ask(token, "GET", "/me/history").json()["submissions"]
    assert "nothing is written yet" in shown(given)
    assert f"\n{SLUG}: accepted" in shown(solved)
    assert len(cards(solved)) == 1 and "✓ accepted" in cards(solved)[0]
    assert token not in shown(solved) + cards(solved)[0]
    assert (history[0]["problem"], history[0]["verdict"]) == (SLUG, "accepted")
    assert len(history) == 2


def test_without_a_token_or_with_an_address_that_is_none_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCH_JUDGE_TOKEN", raising=False)
    with pytest.raises(UsageError, match=r"no token: .*TORCH_JUDGE_TOKEN"):
        check("double", SAMPLES["accepted/adds_twice.py"], server="https://judge.example.org")
    with pytest.raises(UsageError, match="is no judge's address"):
        check("double", SAMPLES["accepted/adds_twice.py"], server="judge.example.org")
    with pytest.raises(UsageError, match="over plain HTTP anyone on the way reads your token"):
        check("double", SAMPLES["accepted/adds_twice.py"], server="http://judge.example.org")


def test_of_what_has_no_source_it_is_said_that_its_text_is_wanted() -> None:
    made: dict[str, object] = {}
    exec("def double(x):\n    return 2 * x\n", made)
    live = from_object(made["double"], "double")
    assert live.pickled is not None
    with pytest.raises(UsageError, match="the source of double is not known here; hand over its text"):
        make_source(live, made["double"])


def test_text_is_sent_as_it_is() -> None:
    submission = from_source("x = 1")
    assert make_source(submission, "x = 1") is submission
