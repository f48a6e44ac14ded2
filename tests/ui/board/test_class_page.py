"""The page of a class: its teacher sees who solved what and takes the grades along, a learner neither."""

from __future__ import annotations

import csv
import io

from tests.support.board import Class
from tests.support.packages import SAMPLES


def test_a_teacher_sees_who_solved_what_and_exports_the_grades(school: Class) -> None:
    with school.judge():
        school.ada.sign_in().submit(SAMPLES["accepted/adds_twice.py"])
    tina = school.tina.sign_in()
    page = tina.get("/class")
    assert page.status_code == 200 and 'href="/class"' in tina.get("/").text
    rows = {row.partition('"')[0]: row for row in page.text.split('data-learner="')[1:]}
    assert set(rows) == {"ada", "bob"}
    assert "/problems/double" in rows["ada"] and "/problems/double" not in rows["bob"]
    answer = tina.get("/class/grades.csv")
    assert "attachment" in answer.headers["content-disposition"]
    (grade,) = csv.DictReader(io.StringIO(answer.text))
    assert (grade["student"], grade["problem"], grade["solved"]) == ("ada", "double", "yes")


def test_a_learner_does_not_see_the_class(school: Class) -> None:
    bob = school.bob.sign_in()
    for path in ("/class", "/class/grades.csv"):
        answer = bob.get(path)
        assert (answer.status_code, "Only a teacher sees the class" in answer.text) == (403, True)
    assert 'href="/class"' not in bob.get("/").text
