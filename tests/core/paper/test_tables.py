"""A small table in four formats."""

import csv
import io
import json

import pandas as pd
import pytest

from core.paper.published import TABLES, compare
from core.paper.tables import escape, to_csv, to_json, to_latex, to_text, write_table

TABLE = pd.DataFrame(
    [
        ("FPNN [10]", "published", 20.65, None),
        ("MR B-CNN", "published", 69.7, 99.39),
        ("my_run", "this project", 70.0, 99.0),
        ("my_run - MR B-CNN", "difference", 0.3, -0.39),
    ],
    columns=["method", "source", "recall@1", "recall@20"],
)

TEXT = """\
method             source        r = 1  r = 20
----------------------------------------------
FPNN [10]          published     20.65       -
MR B-CNN           published     69.70   99.39
----------------------------------------------
my_run             this project  70.00   99.00
my_run - MR B-CNN  difference    +0.30   -0.39
"""

LATEX = r"""\begin{table}
\centering
\caption{Ours \& theirs}
\begin{tabular}{llrr}
\toprule
method & source & r = 1 & r = 20 \\
\midrule
FPNN [10] & published & 20.65 & -- \\
MR B-CNN & published & 69.70 & 99.39 \\
\midrule
my\_run & this project & 70.00 & 99.00 \\
\emph{my\_run - MR B-CNN} & \emph{difference} & $+0.30$ & $-0.39$ \\
\bottomrule
\end{tabular}
\end{table}
"""


def test_text():
    assert to_text(TABLE) == TEXT


def test_latex():
    assert to_latex(TABLE, "Ours & theirs") == LATEX


def test_csv_of_missing_values():
    rows = list(csv.reader(io.StringIO(to_csv(TABLE))))
    assert rows[0] == list(TABLE.columns) and rows[1] == ["FPNN [10]", "published", "20.65", ""]
    assert rows[-1] == ["my_run - MR B-CNN", "difference", "+0.30", "-0.39"]
    again = pd.read_csv(io.StringIO(to_csv(TABLE)))
    pd.testing.assert_frame_equal(again, TABLE, check_dtype=False)


def test_json_of_missing_values():
    rows = json.loads(to_json(TABLE))
    assert rows[0] == {"method": "FPNN [10]", "source": "published", "recall@1": 20.65, "recall@20": None}
    assert rows[-1]["recall@20"] == -0.39


def test_only_measured_or_only_published_rows():
    assert to_text(TABLE[2:]).count("---\n") == 1 and r"\midrule" in to_latex(TABLE[2:], "")
    assert to_text(TABLE[:2]).count("---\n") == 1 and to_latex(TABLE[:2], "").count(r"\midrule") == 1
    assert to_text(TABLE[:0]).splitlines() == ["method  source  r = 1  r = 20"]


def test_write_table(tmp_path):
    write_table(tmp_path / "new", "t", TABLE, "Ours & theirs")
    texts = {file.name: file.read_text() for file in (tmp_path / "new").iterdir()}
    assert texts == {
        "t.txt": f"Ours & theirs\n\n{TEXT}",
        "t.csv": to_csv(TABLE),
        "t.tex": LATEX,
        "t.json": to_json(TABLE),
    }


def test_escape():
    assert escape(r"a_b 5% \x{1} #^~$&") == (
        r"a\_b 5\% \textbackslash{}x\{1\} \#\textasciicircum{}\textasciitilde{}\$\&"
    )


@pytest.mark.parametrize("name", TABLES)
def test_published_tables_in_all_formats(name):
    table = TABLES[name]
    frame = compare(table.columns, {}, table)
    assert len(to_text(frame).splitlines()) == len(table.rows) + 2
    assert len(json.loads(to_json(frame))) == len(table.rows)
    assert to_latex(frame, table.caption).count(r"\\") == len(table.rows) + 1
