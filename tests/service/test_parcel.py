"""A submission on its way: text goes there and comes back as it was, and what is none is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from torch_judge.model.errors import UsageError
from torch_judge.model.live_object import from_object
from torch_judge.model.submission import Carried, Cell, Submission, from_path, from_source
from torch_judge.service.parcel import LONGEST_NAME, pack, read_parcel, unpack, write_parcel


def test_a_notebook_with_modules_comes_back_as_it_was() -> None:
    submission = Submission(
        "mine.ipynb",
        (Cell("cell 1", "%pip install x\nimport beside"), Cell("cell 2", "y = '\x00 \ud800 ä'")),
        notebook=True,
        modules={"beside": Carried("z = 1"), "package.inner": Carried("", package=True)},
        notes=("What was judged is this session's source.",),
    )
    text = write_parcel(submission)
    assert text.isascii()
    assert read_parcel(text) == submission


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("z = 1\n")
    (tmp_path / "mine.py").write_text("import beside\n")
    submission = from_path(tmp_path / "mine.py")
    assert "beside" in submission.modules
    assert read_parcel(write_parcel(submission)) == submission


def test_a_source_is_a_submission_as_any_program_hands_it_over() -> None:
    assert unpack({"source": "x = 1\r\n"}) == from_source("x = 1\n")


def test_what_is_no_text_is_not_sent() -> None:
    with pytest.raises(UsageError, match="a live object cannot be sent, its source can"):
        pack(from_object(lambda: 1, "f"))
    with pytest.raises(UsageError, match="it cannot be read"):
        pack(Submission("x.py", fault="it cannot be read"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "either a `source` or `cells`"),
        ({"source": "x", "cells": [{"name": "a", "source": "x"}]}, "either a `source` or `cells`"),
        ({"source": "x", "modules": {"a": {"source": ""}}}, "a `source` stands alone"),
        ({"source": "x", "notebook": True}, "a `source` stands alone"),
        ({"source": 7}, "Expected `str | null`, got `int`"),
        ({"source": "x", "pickled": "gASV"}, "unknown field `pickled`"),
        ({"cells": [{"name": "a", "source": "x"}] * 2001}, "more than 2000 cells"),
        ({"cells": [{"name": "a", "source": "x"}], "notes": [""] * 21}, "more than 20 notes"),
        (
            {
                "cells": [{"name": "a", "source": "x"}],
                "modules": {f"m{n}": {"source": ""} for n in range(129)},
            },
            "more than 128 modules",
        ),
        *(
            (
                {"cells": [{"name": "a", "source": "x"}], "modules": {name: {"source": ""}}},
                "is no module's name",
            )
            for name in ("", "../x", "a..b", "a/b", "a.b-c")
        ),
    ],
)
def test_what_is_no_submission_is_said(fields: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match="this is no submission: ") as refused:
        unpack(fields)
    assert said in str(refused.value)


def test_names_are_short_and_on_one_line() -> None:
    submission = unpack({"source": "x = 1", "name": "a\nb" + "c" * 500})
    assert "\n" not in submission.name
    assert len(submission.name) < LONGEST_NAME + 50


def test_what_is_larger_than_a_frame_is_a_fault() -> None:
    cells = [{"name": "a", "source": "x" * (1 << 20)}] * 4
    assert "take more than 3 MiB" in unpack({"cells": cells}).fault
    assert unpack({"cells": [{"name": "a", "source": " "}]}).fault == "submission.py holds no code"
