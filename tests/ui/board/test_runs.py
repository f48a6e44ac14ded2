"""Runs: a user's example in a worker of the server, one at a time, and neither suite nor jury in reach."""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.board import SENTENCE, TAB, TITLE, Class, Told, open_class
from tests.support.packages import SAMPLES
from tests.support.services import wait_until

ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
RIGHT = SAMPLES["accepted/adds_twice.py"]
PROBLEM = "/api/problems/double"


def list_busy() -> list[psutil.Process]:
    """List the workers that compute."""
    own = psutil.Process()
    return [one for one in set(own.children(recursive=True)) - set(own.children()) if is_busy(one)]


def is_busy(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE and process.cpu_times().user > 0.3
    return False


def test_an_example_runs_and_the_jury_answers_beside_it_once_it_may_be_seen(school: Class) -> None:
    ada = school.ada.sign_in()
    ada.run("def double(x, scale=2.0):\n    print('so')\n    return scale * x\n", "double(2.5)")
    begin, end = ada.hear()
    assert (begin.data["kind"], end.name, end.data["verdict"]) == ("run", "example", "ran")
    assert "5.0" in end.data["html"] and "so" in end.data["html"] and "jury" not in end.data["html"]
    assert ada.post(f"{PROBLEM}/solution", {"give_up": True}).status_code == 200
    ada.run("def double(x, scale=2.0):\n    return 3 * x\n", "double(2.5)")
    html = ada.hear()[-1].data["html"]
    assert "7.5" in html and "5.0" in html and "The jury" in html
    assert ada.get(f"{PROBLEM}/history").json()["html"].count("<tr data-number=") == 0


def test_an_endless_example_ends_at_the_limit_and_by_stop_at_once(school: Class) -> None:
    ada = school.ada.sign_in()
    toml = Path(school.service.bank.load("double").folder) / "problem.toml"
    ada.run(ENDLESS, "double(1)")
    wait_until(lambda: list_busy() != [])
    busy = list_busy()
    started = time.monotonic()
    assert ada.post(f"/api/tabs/{TAB}/stop").json() == {"stopped": True}
    assert ada.hear()[-1].data["say"] == "Stopped. Nothing of it is running any more."
    psutil.wait_procs(busy, timeout=60)
    assert time.monotonic() - started < 5
    toml.write_text(
        re.sub(r"seconds_per_case = \d+", "seconds_per_case = 1", toml.read_text(encoding="utf-8"))
    )
    ada.run(ENDLESS, "double(1)")
    last = ada.hear()[-1]
    assert (last.name, last.data["verdict"]) == ("example", "time limit exceeded")
    assert list_busy() == []


def test_one_user_has_one_run_at_a_time_and_others_wait_no_longer_for_it(tmp_path: Path) -> None:
    with open_class(tmp_path, runs=2) as school:
        ada, bob = school.ada.sign_in(), school.bob.sign_in()
        ada.run(ENDLESS, "double(1)", "aaaaaaaa")
        wait_until(lambda: list_busy() != [])
        ada.run(RIGHT, "double(1)", "bbbbbbbb")
        refused = ada.hear("bbbbbbbb")[-1]
        assert (refused.name, "one Run at a time" in refused.data["say"]) == ("broken", True)
        bob.run(RIGHT, "double(1)")
        assert bob.hear()[-1].name == "example"
        ada.run(RIGHT, "double(1)", "aaaaaaaa")  # in the same tab the newest wins, as ever
        assert ada.hear("aaaaaaaa")[-1].name == "example"
        ada.run(RIGHT, "double(1)", "bbbbbbbb")
        assert ada.hear("bbbbbbbb")[-1].name == "example"


def test_whose_run_waits_is_told_how_many_are_ahead(school: Class) -> None:
    ada, bob = school.ada.sign_in(), school.bob.sign_in()
    ada.run(ENDLESS, "double(1)")
    wait_until(lambda: list_busy() != [])
    bob.run(RIGHT, "double(1)")
    told: list[Told] = []
    listener = threading.Thread(target=lambda: told.extend(bob.hear()))
    listener.start()
    time.sleep(0.5)
    ada.post(f"/api/tabs/{TAB}/stop")
    listener.join()
    assert "Yours is next." in str(told[1].data)
    assert told[-1].name == "example"


def test_so_many_runs_in_a_minute_are_apart_from_what_is_submitted(tmp_path: Path) -> None:
    with open_class(tmp_path, per_minute=1) as school:
        ada = school.ada.sign_in()
        ada.run(RIGHT, "double(1)")
        assert ada.hear()[-1].name == "example"
        ada.run(RIGHT, "double(1)")
        last = ada.hear()[-1]
        assert (last.name, "1 Runs in a minute are the most" in last.data["say"]) == ("broken", True)
        with school.judge():
            assert ada.submit(RIGHT)[-1].name == "report"


SPY = """
import gc, glob, os, sys
for path in ("BANK", *glob.glob("BANK/**", recursive=True), "DATA", *glob.glob("/proc/*/environ")):
    try:
        print("read", path, open(path).read() if os.path.isfile(path) else os.listdir(path))
    except OSError as error:
        pass
found = [repr(one) for one in gc.get_objects() if isinstance(one, (dict, list, tuple, str))]
print([text for text in found if "hidden title" in text and "found" not in text][:3])
print([name for name in sys.modules if name.startswith("torch_judge")])
double.__globals__
"""


def test_where_the_suite_stays_hidden_an_example_reads_nothing_of_it_nor_of_the_jury(
    strict_school: Class,
) -> None:
    ada, bank = strict_school.ada.sign_in(), strict_school.service.bank.folder
    spy = SPY.replace("BANK", str(bank)).replace("DATA", str(strict_school.pages.parent / "data"))
    with strict_school.judge():
        assert ada.submit(RIGHT)[-1].data["passed"]  # solved, which opens nothing here
        ada.run(RIGHT, spy)
        last = ada.hear()[-1]
    assert (last.name, last.data["verdict"]) == ("example", "ran")
    text = str(last.data)
    assert "jury" not in text and "read /" not in text
    assert TITLE not in text and SENTENCE not in text and "return x * scale" not in text


def test_an_example_that_fails_at_the_server_names_no_file_of_it(school: Class) -> None:
    ada = school.ada.sign_in()
    ada.post(f"{PROBLEM}/solution", {"give_up": True})
    solution = Path(school.service.bank.load("double").folder) / "solution.py"
    solution.write_text("def secret(:\n")
    ada.run(RIGHT, "double(1)")
    text = str(ada.hear()[-1].data)
    assert "it is not your fault" in text
    assert "secret" not in text and "solution.py" not in text


def test_run_may_be_withheld(tmp_path: Path) -> None:
    with open_class(tmp_path, runs=0) as school:
        ada = school.ada.sign_in()
        answer = ada.run(RIGHT, "double(1)")
        assert (answer.status_code, "not offered" in answer.json()["error"]) == (403, True)
        page = ada.get("/problems/double").text
        assert 'id="run"' not in page and "Run is not offered here" in page
