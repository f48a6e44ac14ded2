"""Sites of users: each sees their own work and no other's, and of the suite no more than the policy says."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest

from tests.support.board import SENTENCE, TAB, TITLE, Class, Member, Told, open_class
from tests.support.packages import SAMPLES, SOLUTION
from tests.support.services import wait_until
from torch_judge.model.reveals import Reveals
from torch_judge.service.queue import State
from torch_judge.ui.board import records
from torch_judge.ui.board.docket import WITHDRAWN
from torch_judge.ui.board.seats import Seats
from torch_judge.ui.web.fragments import make_history
from torch_judge.ui.web.site import Site

ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
RIGHT = SAMPLES["accepted/adds_twice.py"]
WRONG = SAMPLES["wrong_answer/returns_x.py"]
SLOW_AND_WRONG = "import time\ndef double(x, scale=2.0):\n    time.sleep(1)\n    return x\n"
"""A case of it takes longer than the pages take to look again."""
PROBLEM = "/api/problems/double"


def read_history(member: Member) -> str:
    html: str = member.get(f"{PROBLEM}/history").json()["html"]
    return html


def test_a_wrong_answer_is_named_and_a_right_one_accepted_case_by_case(school: Class) -> None:
    ada = school.ada.sign_in()
    with school.judge():
        told = ada.submit(SLOW_AND_WRONG)
        assert told[0].name == "begin"
        assert any(event.name == "progress" and event.data["decided"] for event in told)
        wrong = told[-1]
        assert (wrong.name, wrong.data["passed"], wrong.data["attempt"]) == ("report", False, 1)
        assert "returns x" in wrong.data["say"] and wrong.data["state"] == "tried"
        right = ada.submit(RIGHT)[-1]
    assert (right.data["passed"], right.data["attempt"], right.data["state"]) == (True, 2, "solved")
    assert "Solved on attempt 2" in right.data["solved_html"]
    assert "1 of 1 solved" in ada.get("/").text
    assert "<b>1</b> solved" in ada.get("/progress").text
    page = ada.get("/problems/double").text
    assert 'id="submit"' in page and 'id="run"' in page and ">Stop</button>" in page


def test_two_users_see_nothing_of_each_other(school: Class) -> None:
    ada, bob = school.ada.sign_in(), school.bob.sign_in()
    with school.judge():
        ada.submit(RIGHT + "# of ada\n")
    ada.post(f"{PROBLEM}/draft", {"tab": TAB, "text": "draft of ada"})
    ada.post(f"{PROBLEM}/hint")
    assert "of ada" in ada.get(f"{PROBLEM}/attempts/1").json()["code"]
    for path in ("/", "/progress", "/problems/double", f"{PROBLEM}/history", f"{PROBLEM}/draft?tab={TAB}"):
        answer = bob.get(path)
        assert answer.status_code == 200 and "ada" not in answer.text
    assert "1 of 1 solved" not in bob.get("/").text
    assert bob.get(f"{PROBLEM}/attempts/1").status_code == 404
    assert bob.get(f"{PROBLEM}/diff?old=1&new=1").status_code == 404
    assert bob.get(f"/api/tabs/{TAB}").json()["request"] == 0
    assert bob.get(f"/api/tabs/{TAB}/events").status_code == 204
    assert bob.post(f"/api/tabs/{TAB}/stop").json() == {"stopped": False}
    assert "Next hint (2 left)" in bob.get("/problems/double").text
    assert bob.post(f"{PROBLEM}/solution").status_code == 409


def test_the_history_has_code_and_differences_and_what_the_api_was_sent(school: Class) -> None:
    ada = school.ada.sign_in()
    bearer = {"Authorization": f"Bearer {ada.token}"}
    answer = ada.ask("POST", "/api/v1/submissions", bearer, json={"problem": "double", "source": WRONG})
    assert answer.status_code == 202
    with school.judge():
        ada.submit(RIGHT)
    assert read_history(ada).count("<tr data-number=") == 2
    assert ada.get(f"{PROBLEM}/attempts/1").json()["code"] == WRONG
    assert 'class="added"' in ada.get(f"{PROBLEM}/diff?old=1&new=2").json()["html"]


def test_a_history_that_was_lost_is_taken_from_the_store_again(school: Class) -> None:
    ada = school.ada.sign_in()
    with school.judge():
        ada.submit(WRONG)
    shutil.rmtree(school.pages)
    again = Seats(school.service, school.pages)  # as a server that begins
    user = school.store.sessions.find(ada.cookie.partition("=")[2])
    assert user is not None
    site: Site = again.find(user).state.site
    assert "wrong answer" in make_history(site.load("double"), site.find_history())


def test_the_solution_is_shown_once_it_is_solved_or_given_up(school: Class) -> None:
    ada, bob = school.ada.sign_in(), school.bob.sign_in()
    assert SOLUTION.strip() not in ada.get("/problems/double").text
    assert ada.post(f"{PROBLEM}/solution").status_code == 409
    with school.judge():
        ada.submit(RIGHT)
    assert "The jury solution" in ada.post(f"{PROBLEM}/solution").json()["html"]
    assert bob.post(f"{PROBLEM}/solution").status_code == 409
    assert "The jury solution" in bob.post(f"{PROBLEM}/solution", {"give_up": True}).json()["html"]


def test_where_the_suite_stays_hidden_no_page_tells_of_it_or_of_the_solution(strict_school: Class) -> None:
    ada = strict_school.ada.sign_in()
    with strict_school.judge():
        told = [*ada.submit(WRONG, tab="aaaaaaaa"), *ada.submit(RIGHT, tab="bbbbbbbb")]
    reveal = strict_school.service.reveal
    assert (told[-1].data["passed"], "case 1" in str(told)) == (True, True)
    assert ("returns x" in str(told)) is (reveal is Reveals.DIAGNOSIS)
    answer = ada.post(f"{PROBLEM}/solution", {"give_up": True})
    assert (answer.status_code, answer.json()) == (
        403,
        {"error": "the solution of double stays on the server"},
    )
    shown = [str(told), answer.text, *(ada.post(f"{PROBLEM}/hint").text for _ in range(3))]
    shown += [ada.get(path).text for path in ("/", "/progress", "/problems/double", f"{PROBLEM}/history")]
    shown += [ada.get(f"{PROBLEM}/attempts/{number}").text for number in (1, 2)]
    for text in shown:
        assert TITLE not in text and SENTENCE not in text and "doubles_by_default" not in text
        assert "return x * scale" not in text
    assert "The solution of this problem stays on the server" in ada.get("/problems/double").text
    teacher = strict_school.tina.sign_in()
    answer = teacher.post(f"{PROBLEM}/solution", {"give_up": True})
    assert "return x * scale" in answer.json()["html"]


def test_who_has_filled_their_history_writes_no_more_and_others_do(
    school: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = school.ada.sign_in(), school.bob.sign_in()
    body = {"tab": TAB, "text": "x"}
    assert ada.post(f"{PROBLEM}/draft", body).status_code == 200
    monkeypatch.setattr(records, "LARGEST_HISTORY", 1)
    for call in ("draft", "reset"):
        answer = ada.post(f"{PROBLEM}/{call}", body)
        assert (answer.status_code, "no more is kept" in answer.json()["error"]) == (403, True)
    assert bob.post(f"{PROBLEM}/draft", body).status_code == 200


def test_who_submits_too_fast_is_told_when_to_come_again(tmp_path: Path) -> None:
    with open_class(tmp_path, per_minute=1) as school:
        ada = school.ada.sign_in()
        with school.judge():
            assert ada.submit(RIGHT)[-1].name == "report"
            refused = ada.submit(RIGHT)[-1]
    assert refused.name == "broken"
    assert refused.data["say"].startswith("1 submissions in a minute are the most; try again in ")


def submit(member: Member, code: str, tab: str = TAB) -> None:
    """Submit an answer, and do not wait for what comes of it."""
    answer = member.post(f"/api/tabs/{tab}/submit", {"problem": "double", "code": code})
    assert answer.status_code == 202


def test_a_newer_request_of_a_tab_leaves_the_submission_before_it_in_the_queue(school: Class) -> None:
    ada = school.ada.sign_in()
    submit(ada, RIGHT)
    wait_until(lambda: sum(school.store.queue.count().values()) == 1)
    assert ada.run(WRONG, "double(1)").status_code == 202
    assert ada.hear()[-1].name == "example"
    with school.judge():
        wait_until(lambda: "accepted" in read_history(ada))


# --- Stop ---


def test_stop_withdraws_what_waits_and_it_is_no_attempt(school: Class) -> None:
    ada = school.ada.sign_in()
    submit(ada, RIGHT)  # and Stop at once, before anybody knows that it is in the queue
    assert ada.post(f"/api/tabs/{TAB}/stop").json() == {"stopped": True}
    last = ada.hear()[-1]
    assert (last.name, last.data["say"]) == ("stopped", WITHDRAWN)
    assert WITHDRAWN in last.data["html"] and "no case was decided" in last.data["html"]
    assert school.store.queue.take() is None
    assert ada.post(f"/api/tabs/{TAB}/stop").json() == {"stopped": False}
    with school.judge():
        assert ada.submit(WRONG)[-1].data["attempt"] == 1
    assert school.tina.sign_in().get("/class/grades.csv").text.count("ada,double,no,0,1,0.0000,1,") == 1


def test_stop_ends_what_is_judged_and_the_judge_goes_on(school: Class) -> None:
    ada = school.ada.sign_in()
    with school.judge():
        submit(ada, ENDLESS)
        wait_until(lambda: school.store.queue.count()[State.RUNNING] == 1)
        assert ada.post(f"/api/tabs/{TAB}/stop").json() == {"stopped": True}
        assert [told.name for told in ada.hear() if told.name != "progress"] == ["begin", "stopped"]
        assert ada.submit(RIGHT)[-1].data["passed"]


def test_what_is_judged_before_it_is_stopped_is_reported(school: Class) -> None:
    ada = school.ada.sign_in()
    submit(ada, RIGHT)
    wait_until(lambda: sum(school.store.queue.count().values()) == 1)
    with school.judge():
        wait_until(lambda: not sum(school.store.queue.count().values()))
        ada.post(f"/api/tabs/{TAB}/stop")
        assert ada.hear()[-1].name == "report"


def test_where_the_store_is_away_stop_says_so_and_the_page_goes_on(school: Class) -> None:
    ada = school.ada.sign_in()
    submit(ada, RIGHT)
    wait_until(lambda: sum(school.store.queue.count().values()) == 1)
    with school.store.database.transaction(alone=True) as transaction:
        transaction.run("ALTER TABLE reports RENAME TO elsewhere")
        transaction.run("ALTER TABLE submissions RENAME TO away")
    answer = ada.post(f"/api/tabs/{TAB}/stop")
    assert (answer.status_code, "cannot reach its store" in answer.json()["error"]) == (503, True)


def test_a_page_that_waits_is_told_how_many_are_ahead_and_as_they_go(school: Class) -> None:
    ada, others = school.ada.sign_in(), (school.bob.sign_in(), school.tina.sign_in())
    for member in others:
        submit(member, RIGHT)
    wait_until(lambda: school.store.queue.count()[State.WAITING] == 2)
    submit(ada, RIGHT)
    wait_until(lambda: school.store.queue.count()[State.WAITING] == 3)
    told: list[Told] = []
    listener = threading.Thread(target=lambda: told.extend(ada.hear()))
    listener.start()
    for member in others:
        time.sleep(2)  # a page is told every second
        member.post(f"/api/tabs/{TAB}/stop")
    time.sleep(2)
    with school.judge():
        listener.join()
    says = list(dict.fromkeys(event.data["say"] for event in told if event.data.get("say")))
    assert says[1:4] == ["2 checks are before yours", "1 check is before yours", "yours is next"]
    waiting = [event.data["html"] for event in told if "2 checks are before yours" in str(event.data)]
    assert waiting and "waiting" in waiting[0]
    assert told[-1].name == "report"


def test_when_the_server_ends_whoever_waits_is_told_that_nothing_is_lost(school: Class) -> None:
    ada = school.ada.sign_in()
    assert ada.post(f"/api/tabs/{TAB}/submit", {"problem": "double", "code": RIGHT}).status_code == 202
    wait_until(lambda: sum(school.store.queue.count().values()) == 1)
    school.service.bell.end()
    last = ada.hear()[-1]
    assert (last.name, "is kept" in last.data["say"]) == ("broken", True)


def test_an_answer_without_code_is_told_so(school: Class) -> None:
    last = school.ada.sign_in().submit("  \n")[-1]
    assert last.name == "broken" and "holds no code" in last.data["say"]


def test_no_error_names_a_file_of_the_server(school: Class) -> None:
    ada = school.ada.sign_in()
    assert ada.get("/problems/bachnorm").status_code == 404
    (Path(school.service.bank.folder) / "double" / "statement.md").unlink()
    answer = ada.get("/problems/double")
    assert answer.status_code == 500
    assert "it is not your fault" in answer.text and str(school.service.bank.folder) not in answer.text
