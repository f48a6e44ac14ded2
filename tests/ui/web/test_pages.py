"""The pages as a browser gets them: what they show, and that what a person has written stays text."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tests.support.attempts import an_attempt
from tests.support.loopback import TAB, Visitor, serve
from tests.support.packages import SOLUTION, write_package
from tests.support.pages import list_elements
from torch_judge.learning.history import find_history
from torch_judge.learning.workspace import compose_page_starter
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

ATTACK = (
    "</textarea></script><script>alert(1)</script><img src=x onerror=alert(2)>"
    "\" onfocus='alert(3)' {{7919*7907}} \u202e"
)
ESCAPED = "&lt;script&gt;"


def find_element(page: str, name: str) -> str:
    """Find the text of the element of an id."""
    found = re.search(rf'<(\w+)[^>]* id="{name}"[^>]*>(.*?)</\1>', page, re.DOTALL)
    assert found, name
    return found[2]


def keep_attempt(problem: Problem, **changes: object) -> None:
    find_history().add(an_attempt(bank=str(problem.bank), problem="double", **changes))


def assert_harmless(text: str) -> None:
    """Fail where the attack has become an element, an attribute or a template."""
    for tag, attributes in list_elements(text):
        assert tag != "img"
        assert tag != "script" or attributes.get("type") == "application/json" or "src" in attributes
        assert not any(name.startswith("on") for name in attributes)
    assert str(7919 * 7907) not in text


def test_the_list_shows_every_problem_with_what_became_of_it(visitor: Visitor, problem: Problem) -> None:
    keep_attempt(problem)
    page = visitor.get("/").text
    row = re.search(r'<tr class="problem".*?</tr>', page, re.DOTALL)
    assert row and 'data-state="tried"' in row[0] and "tried" in row[0] and ">1</td>" in row[0]
    assert "0 of 1 solved" in page
    keep_attempt(problem, verdict=Verdict.ACCEPTED)
    page = visitor.get("/").text
    assert 'data-state="solved"' in page and "1 of 1 solved" in page and "Every problem is solved." in page
    assert find_element(page, "count") == "1 problem"
    narrowed = visitor.get("/?state=open&q=double").text
    assert find_element(narrowed, "count") == "0 problems"
    assert 'value="double"' in narrowed and '<option value="open" selected>' in narrowed


def test_a_problem_shows_statement_starter_example_and_where_one_stands(
    visitor: Visitor, problem: Problem
) -> None:
    page = visitor.get("/problems/double").text
    assert "1. Double" in page and "<code>x * scale</code>" in page
    assert html.unescape(find_element(page, "code")) == f"\n{compose_page_starter(problem)}"
    assert html.unescape(find_element(page, "example")) == f"\n{problem.read_debug()}"
    facts = json.loads(find_element(page, "facts"))
    assert facts == {
        "slug": "double",
        "example": problem.read_debug(),
        "revision": 0,
        "mine_of": None,
        "queued": False,
    }
    assert 'data-state="open"' in page and 'data-seen="false"' in page
    assert 'id="give-up"' in page and 'id="show-solution"' not in page
    assert problem.read_solution().splitlines()[-1].strip() not in html.unescape(page).replace("Return", "")
    keep_attempt(problem, verdict=Verdict.ACCEPTED)
    page = visitor.get("/problems/double").text
    assert 'data-state="solved"' in page and 'data-seen="true"' in page and 'id="show-solution"' in page
    assert "No attempt" not in page


def test_a_number_leads_to_its_problem_and_any_other_name_to_a_sentence(visitor: Visitor) -> None:
    answer = visitor.get("/problems/1")
    assert (answer.status, answer.headers["location"]) == (307, "/problems/double")
    lost = visitor.get("/problems/duoble")
    assert lost.status == 404
    assert "No problem &#39;duoble&#39;; did you mean &#39;double&#39;?" in lost.text
    assert visitor.get("/problems/%3Cscript%3E").status == 404
    assert "There is no such page" in visitor.get("/nowhere").text


def test_the_progress_says_what_is_solved_tried_and_next(visitor: Visitor, problem: Problem) -> None:
    page = visitor.get("/progress").text
    assert "Nothing is tried yet." in page and "Your streak of days begins with your first attempt." in page
    assert 'href="/problems/double">1. Double' in page
    keep_attempt(problem)
    page = visitor.get("/progress").text
    assert '<progress value="0" max="1"' in page and "wrong answer" in page and "eps missing" in page
    keep_attempt(problem, verdict=Verdict.ACCEPTED, seconds=0.25)
    page = visitor.get("/progress").text
    assert (
        '<progress value="1" max="1"' in page and "best 250 ms" in page and "Every problem is solved." in page
    )


def test_what_is_solved_elsewhere_is_solved_here(visitor: Visitor, problem: Problem) -> None:
    """The history is that of terminal and notebook."""
    from tests.support.commands import torch_judge

    answer = problem.bank / "answer.py"
    answer.write_text(SOLUTION)
    done = torch_judge("run", "double", answer, "--bank", problem.bank)
    assert done.returncode == 0, done.stdout
    assert 'data-state="solved"' in visitor.get("/problems/double").text
    assert "1 of 1 solved" in visitor.get("/").text


@pytest.mark.parametrize("field", ["text", "example"])
def test_script_in_a_draft_stays_text(visitor: Visitor, field: str) -> None:
    sent = {"tab": TAB, "text": "x", "example": "y", field: ATTACK}
    assert visitor.post("/api/problems/double/draft", sent).status == 200
    page = visitor.get("/problems/double").text
    assert ESCAPED in page
    assert_harmless(page)
    name = "code" if field == "text" else "example"
    assert html.unescape(find_element(page, name)) == f"\n{ATTACK}"


def test_script_in_an_attempt_stays_text(visitor: Visitor, problem: Problem) -> None:
    keep_attempt(problem, code=ATTACK, source=ATTACK, diagnosis=ATTACK, failed=(ATTACK,))
    keep_attempt(problem, code=f"{ATTACK}\nmore")
    pages = [visitor.get(path).text for path in ("/", "/problems/double", "/progress")]
    calls = ("history", "attempts/1", "diff?old=1&new=2", "diff?old=2&new=1")
    pages += [visitor.get(f"/api/problems/double/{call}").json["html"] for call in calls]
    assert ESCAPED in pages[1] and all(ESCAPED in page for page in pages[4:])
    for page in pages:
        assert_harmless(page)
        assert "\u202e" not in page  # code that would be read in another order than it runs


@pytest.mark.parametrize("query", ["q", "topic", "difficulty", "state"])
def test_script_in_a_search_stays_text(visitor: Visitor, query: str) -> None:
    from urllib.parse import quote

    page = visitor.get(f"/?{query}={quote(ATTACK)}").text
    assert_harmless(page)
    assert (ESCAPED in page) is (query == "q")


def test_script_in_an_address_stays_text(server: object, visitor: Visitor) -> None:
    from urllib.parse import quote

    for path in (
        f"/problems/{quote(ATTACK, safe='')}",
        f"/api/problems/{quote(ATTACK, safe='')}/draft",
        f"/{quote(ATTACK)}",
    ):
        answer = visitor.get(path)
        assert answer.status == 404
        said = answer.json["error"] if "/api/" in path else answer.text
        if "/api/" in path:
            assert answer.headers["content-type"] == "application/json"
        else:
            assert_harmless(said)


def test_a_bank_that_is_broken_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "bank", framework="numpy")
    with serve(tmp_path / "bank") as server:
        visitor = Visitor(server.port).enter(server)
        (folder / "hints.md").write_text("fits: returns_x\n")
        answer = visitor.get("/problems/double")
        assert (answer.status, "no hint follows this line" in answer.text) == (500, True)
        (folder / "problem.toml").write_text("title = ")
        assert visitor.get("/").status == 500
        assert visitor.get("/static/icon.svg").status == 200


def test_a_history_that_cannot_be_read_is_said_in_a_sentence(visitor: Visitor, home: Path) -> None:
    home.mkdir(parents=True)
    (home / "progress.sqlite3").mkdir()
    answer = visitor.get("/")
    assert answer.status == 503
    assert "Progress cannot be read" in answer.text


def test_without_a_home_pages_show_and_drafts_say_why_they_are_not_kept(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    assert [visitor.get(path).status for path in ("/", "/problems/double", "/progress")] == [200] * 3
    answer = visitor.post("/api/problems/double/draft", {"tab": TAB, "text": "x"})
    assert answer.status == 503
    assert "no progress is kept" in answer.json["error"]
