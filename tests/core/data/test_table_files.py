"""Files of tables as other programs write them."""

import codecs
from datetime import datetime

import pandas as pd
import pytest

from core.data.table_files import open_table
from core.errors import UserError

PLAIN = "path,identity\nä.png,Änne\nb.png,\n"


def read(tmp_path, content, name="t.csv"):
    table = tmp_path / name
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(table, lambda column: column.lower() in ("path", "identity"))


def columns(file):
    return {name: file.load(position) for position, name in enumerate(file.header) if name}


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("\n", "\r\n"),
        "sep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n"),
        '"sep=,"\n' + PLAIN,
        PLAIN.replace("\n", ",,\n"),
        PLAIN.replace("\n", "\n\n"),
        "\n , \n" + PLAIN + "\n,\n",
        'path, identity \n"ä.png", Änne\nb.png,\n',
    ],
)
def test_each_form_gives_the_same_columns(tmp_path, content):
    file = read(tmp_path, content)
    assert columns(file) == {"path": ["ä.png", "b.png"], "identity": ["Änne", ""]}
    assert file.notes == []


def test_a_windows_table_is_noted(tmp_path):
    file = read(tmp_path, PLAIN.replace("ä.png", "a.png").encode("cp1252"))
    assert columns(file)["identity"] == ["Änne", ""]
    assert file.notes == ["t.csv is not UTF-8; it is read as Windows-1252, e.g. 'Änne'"]


def test_lines_are_those_of_the_file(tmp_path):
    file = read(tmp_path, 'sep=;\npath;identity\na.png;x\n\nb.png;"two\nlines"\nc.png;y\n')
    assert [file.where(row) for row in range(3)] == ["t.csv, line 3", "t.csv, line 6", "t.csv, line 7"]
    assert columns(file)["identity"][1] == "two\nlines"


def test_the_delimiter_gives_most_known_columns(tmp_path):
    assert read(tmp_path, "path;identity;a,b,c,d,e\nx.png;1;2\n").header == ["path", "identity", "a,b,c,d,e"]


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"PK\x03\x04xl/workbook.xml", "t.csv is an Excel file or a zip archive.* save it as CSV"),
        (b"\xd0\xcf\x11\xe0", "an Excel file"),
        (b"path,identity\na.png,\0\n", "line 2 is not text"),
        (b"path\n\x81\n", "line 2 is neither UTF-8 nor Windows-1252"),
        (PLAIN.encode("utf-16")[:-1], "is damaged UTF-16 text"),
        (b"PAR1 and no more", "damaged Parquet file"),
        ("path,identity\na.png,x\nb.png\n", "line 3 has 1 fields; the header has 2"),
        ("path,identity\na.png,x,y\n", "line 2 has 3 fields; the header has 2"),
        ('sep=,\npath,identity\na.png,x\n"b.png,y\nc.png,z\n', "line 4 cannot be read as CSV"),
    ],
)
def test_errors_name_the_line(tmp_path, content, sentence):
    with pytest.raises(UserError, match=sentence):
        read(tmp_path, content)


def test_parquet(tmp_path):
    table = pd.DataFrame(
        {
            "path": ["a.png", "b.png"],
            "identity": [7.0, None],
            "time": [datetime(2026, 3, 1, 9, 30), None],
            "box": [[1, 2, 30, 40], None],
            "camera": pd.Series([3, None], dtype="Int64"),
            "view": pd.Categorical(["left", "right"]),
        }
    )
    table.to_parquet(tmp_path / "t.parquet")
    file = open_table(tmp_path / "t.parquet", bool)
    assert columns(file) == {
        "path": ["a.png", "b.png"],
        "identity": ["7.0", ""],
        "time": ["2026-03-01T09:30:00", ""],
        "box": ["1 2 30 40", ""],
        "camera": ["3", ""],
        "view": ["left", "right"],
    }
    assert file.where(1) == "t.parquet, row 2"
