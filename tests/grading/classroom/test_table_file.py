"""A CSV file in which single cells are set keeps every other byte."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torch_judge.grading.classroom.table_file import TableFile
from torch_judge.model.errors import UsageError

TEXT = 'a,"b ""c""",d\r\n1,"x,y\r\nz", 3 \n\n4,,"5"'


@given(st.text(alphabet='a1,;"\r\n\té ', max_size=60))
def test_what_is_read_is_written_as_it_was(text: str) -> None:
    raw = f"a,b\n{text}".encode()
    assert TableFile.read(raw, "t.csv").to_bytes() == raw


@given(
    st.lists(
        st.lists(st.text(alphabet='a1,"\n ', max_size=5), min_size=2, max_size=3), min_size=1, max_size=4
    )
)
def test_cells_are_those_that_csv_reads(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["h", "i"], *rows])
    table = TableFile.read(stream.getvalue().encode(), "t.csv")
    found = [
        [table.get(line, column) for column in range(len(row))]
        for line, row in zip(table.lines, rows, strict=True)
    ]
    assert found == [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (b"", "latin-1")],
)
def test_a_cell_is_set_and_nothing_else_changes(bom: bytes, encoding: str) -> None:
    text = TEXT.replace("a,", "é,")
    table = TableFile.read(bom + text.encode(encoding), "t.csv")
    assert table.headings == ["é", 'b "c"', "d"]
    table.set(1, 2, "9")
    table.set(3, 2, '8"')
    assert table.to_bytes() == bom + text.replace(" 3 ", "9").replace('"5"', '"8"""').encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_and_what_holds_it_is_quoted(delimiter: str) -> None:
    table = TableFile.read(
        delimiter.join(('"a,b;c\td"', "e")).encode() + f"\n1{delimiter}2".encode(), "t.csv"
    )
    table.set(1, 1, f"x{delimiter}y")
    assert table.to_bytes().decode().endswith(f'\n1{delimiter}"x{delimiter}y"')


@pytest.mark.parametrize("raw", [b"", b"one\n", b"\x00\x01", b"\xff\xfea"])
def test_what_is_no_table_is_said(raw: bytes) -> None:
    with pytest.raises(UsageError, match=r"t\.csv: is no "):
        TableFile.read(raw, "t.csv")
