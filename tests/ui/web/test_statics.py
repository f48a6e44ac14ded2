"""Files of the pages: those there are, addressed by what they hold, and nothing beside them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.support.loopback import Visitor
from torch_judge.ui.web.statics import FOLDER, KINDS, locate_static, read_static


def test_every_file_is_served_as_what_it_is(visitor: Visitor) -> None:
    names = [path.name for path in FOLDER.iterdir()]
    assert {"style.css", "page.js", "editor.js", "icon.svg"} <= set(names)
    for name in names:
        answer = visitor.get(locate_static(name))
        assert (answer.status, answer.body) == (200, (FOLDER / name).read_bytes())
        assert answer.headers["content-type"] == KINDS[Path(name).suffix]


def test_a_page_loads_nothing_but_files_that_are_there(visitor: Visitor) -> None:
    for path in ("/", "/problems/double", "/progress"):
        page = visitor.get(path).text
        loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
        assert len(loaded) >= 3
        assert all("immutable" in visitor.get(address).headers["cache-control"] for address in loaded)
        assert not re.search(r'(?:src|href)="(?:\w+:)?//', page)
        assert "<style" not in page and " style=" not in page
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)


def test_a_browser_that_takes_gzip_gets_it(visitor: Visitor) -> None:
    for path in (locate_static("editor.js"), "/problems/double"):
        plain, packed = visitor.get(path), visitor.get(path, Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body) / 2


@pytest.mark.parametrize(
    "name",
    [
        "../serve.py",
        "..%2fserve.py",
        "%2fetc%2fpasswd",
        "__init__.py",
        "nothing.js",
        ".",
        "x\0.js",
        "static/style.css",
    ],
)
def test_no_other_file_is_served(visitor: Visitor, name: str) -> None:
    assert read_static(name) is None
    if "\0" not in name:
        assert visitor.get(f"/static/{name}").status == 404
