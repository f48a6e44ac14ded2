"""The calls of the page's script: drafts, hints, solution, history, reset."""

from __future__ import annotations

import pytest

from tests.support.attempts import an_attempt, list_attempts
from tests.support.loopback import TAB, Visitor
from torch_judge.learning.history import find_history
from torch_judge.learning.workspace import compose_page_starter
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

OTHER = "zyxwvuts87654321"
API = "/api/problems/double"


def keep_attempt(problem: Problem, **changes: object) -> None:
    find_history().add(an_attempt(bank=str(problem.bank), problem="double", **changes))


def test_a_draft_is_there_after_a_reload_in_its_tab_and_the_newest_in_a_new_one(visitor: Visitor) -> None:
    assert visitor.get(f"{API}/draft?tab={TAB}").json["revision"] == 0
    texts = {TAB: "mine = 'ü\U0001f600\t'\n", OTHER: ""}
    revisions = [
        visitor.post(f"{API}/draft", {"tab": tab, "text": text}).json["revision"]
        for tab, text in texts.items()
    ]
    assert revisions == [1, 2]
    for tab, text in texts.items():
        found = visitor.get(f"{API}/draft?tab={tab}").json
        assert (found["text"], found["mine"]) == (text, True)
    for query in ("?tab=newtab00", ""):
        found = visitor.get(f"{API}/draft{query}").json
        assert (found["text"], found["mine"], found["revision"]) == ("", False, 2)


def test_an_example_is_kept_with_its_draft(visitor: Visitor, problem: Problem) -> None:
    for example, shown in (("double(1)", "double(1)"), (None, problem.read_debug())):
        assert visitor.post(f"{API}/draft", {"tab": TAB, "text": "x", "example": example}).status == 200
        assert visitor.get(f"{API}/draft?tab={TAB}").json["example"] == shown


@pytest.mark.parametrize("tab", ["", "short", "x" * 33, "UPPER000", "../../etc", "abcdefg;", "abcdefgh\n"])
def test_a_tab_has_a_plain_name(visitor: Visitor, tab: str) -> None:
    answer = visitor.post(f"{API}/draft", {"tab": tab, "text": "x"})
    assert (answer.status, answer.json["error"]) == (400, "a tab's name has 8 to 32 small letters and digits")


def test_reset_puts_the_starter_back_and_what_was_written_aside(visitor: Visitor, problem: Problem) -> None:
    starter = compose_page_starter(problem)
    answer = visitor.post(f"{API}/reset", {"tab": TAB, "text": "def double(x): ...\n"}).json
    assert (answer["text"], answer["kept"]) == (starter, 1)
    assert "attempt 1" in answer["say"]
    (attempt,) = list_attempts(find_history(), "double", str(problem.bank))
    assert (attempt.verdict, attempt.code) == (None, "def double(x): ...\n")
    assert visitor.get(f"{API}/draft?tab={TAB}").json["text"] == starter
    # the same text again is no other attempt, and the starter is none
    assert visitor.post(f"{API}/reset", {"tab": TAB, "text": "def double(x): ...\n"}).json["kept"] == 1
    assert visitor.post(f"{API}/reset", {"tab": TAB, "text": starter}).json["kept"] is None
    assert len(list_attempts(find_history(), "double", str(problem.bank))) == 1


def test_hints_come_one_by_one_the_fitting_one_first_and_stay(visitor: Visitor, problem: Problem) -> None:
    keep_attempt(problem, diagnosis="returns_x")
    first = visitor.post(f"{API}/hint").json
    assert first["left"] == 2
    assert first["say"] == "Hint 1 of 3, which fits what your last attempt did."
    assert "Is it twice as much?" in first["html"] and "fits your last attempt" in first["html"]
    second = visitor.post(f"{API}/hint").json
    assert "Is it twice" in second["html"] and "<code>x</code> by <em>scale</em>" in second["html"]
    page = visitor.get("/problems/double").text
    assert "Is it twice" in page and "Next hint (1 left)" in page and "Write <code>" not in page
    last = visitor.post(f"{API}/hint").json
    assert (last["left"], 'id="hint"' in last["html"]) == (0, False)
    again = visitor.post(f"{API}/hint").json
    assert again["say"] == "You have seen all 3 hints."
    assert again["html"].count('class="hint') == 3 + 1  # three hints and their list


def test_the_solution_wants_the_problem_solved_or_given_up(visitor: Visitor, problem: Problem) -> None:
    refused = visitor.post(f"{API}/solution", {"give_up": False})
    assert refused.status == 409
    assert refused.json["error"] == "you have not solved double yet; give it up to see the solution"
    assert visitor.post(f"{API}/solution").status == 409
    shown = visitor.post(f"{API}/solution", {"give_up": True}).json["html"]
    assert "return x * scale" in shown and "Another right way: adds twice" in shown
    # it is remembered, here and elsewhere
    assert find_history().find_coaching(str(problem.bank), "double").given_up
    assert visitor.post(f"{API}/solution").status == 200
    assert "You have given this problem up." in visitor.get("/problems/double").text


def test_a_solved_problem_shows_its_solution_without_giving_up(visitor: Visitor, problem: Problem) -> None:
    keep_attempt(problem, verdict=Verdict.ACCEPTED)
    assert "return x * scale" in visitor.post(f"{API}/solution").json["html"]
    assert not find_history().find_coaching(str(problem.bank), "double").given_up


def test_the_history_has_each_attempt_with_its_code_and_a_diff_of_two(
    visitor: Visitor, problem: Problem
) -> None:
    assert "No attempt" in visitor.get(f"{API}/history").json["html"]
    keep_attempt(problem, code="a\nb\n")
    keep_attempt(problem, code="a\nc\n", verdict=Verdict.ACCEPTED, failed=(), diagnosis="")
    listed = visitor.get(f"{API}/history").json["html"]
    assert listed.index('data-number="2"') < listed.index('data-number="1"')
    assert "accepted" in listed and "wrong answer" in listed
    attempt = visitor.get(f"{API}/attempts/1").json
    assert (attempt["code"], attempt["number"]) == ("a\nb\n", 1)
    assert "2 cases failed" in attempt["html"] and "eps missing" in attempt["html"]
    diff = visitor.get(f"{API}/diff?old=1&new=2").json["html"]
    assert [diff.count(f'<tr class="{kind}">') for kind in ("same", "removed", "added")] == [1, 1, 1]
    assert "The two are the same." in visitor.get(f"{API}/diff?old=1&new=1").json["html"]
    visitor.post(f"{API}/draft", {"tab": TAB, "text": "a\nb\nd\n"})
    draft = visitor.get(f"{API}/diff?old=1&new=draft&tab={TAB}").json["html"]
    assert "From attempt 1 to the editor" in draft and draft.count('class="added"') == 1


@pytest.mark.parametrize(
    ("call", "status", "says"),
    [
        ("attempts/1", 404, "no attempt 1 at double; there are none"),
        ("attempts/x", 400, "expected the number of an attempt"),
        ("attempts/1234567890123456789012", 400, "expected the number of an attempt"),
        ("diff?old=1&new=2", 404, "no attempt 1 at double"),
        ("diff", 400, "expected the number"),
        ("draft?tab=x", 400, "a tab's name"),
    ],
)
def test_what_is_not_there_is_said(visitor: Visitor, call: str, status: int, says: str) -> None:
    answer = visitor.get(f"{API}/{call}")
    assert answer.status == status
    assert answer.json["error"].startswith(says)


def test_a_call_for_no_problem_is_told_so(visitor: Visitor) -> None:
    for call in ("draft", "hint", "reset", "solution"):
        body = {"draft": {"tab": TAB, "text": "x"}, "reset": {"tab": TAB, "text": "x"}}.get(call, {})
        answer = visitor.post(f"/api/problems/duoble/{call}", body)
        assert (answer.status, "did you mean 'double'" in answer.json["error"]) == (404, True)
    assert visitor.post(f"/api/tabs/{TAB}/submit", {"problem": "duoble", "code": "x"}).status == 404


def test_a_call_by_another_method_is_not_answered(visitor: Visitor) -> None:
    assert visitor.get(f"{API}/hint").status == 405
    assert visitor.post("/problems/double").status == 405
