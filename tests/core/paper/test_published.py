"""The paper's tables, and the comparison with measured results."""

import pandas as pd
import pytest

from core.inference.overlap import Overlap
from core.paper.published import (
    DIFFERENCE,
    MEASURED,
    PUBLISHED,
    RECALLS,
    TABLES,
    ZERO_SHOT_ROWS,
    compare,
    fits,
    is_zero_shot,
    zero_shot_rows,
)

FIGURES = {
    "recall@1": 70.126,
    "recall@5": 90.0,
    "recall@10": 95.0,
    "recall@20": 99.0,
    "mAP": 45.0,
    "mAP_trapezoid": 44.0,
    "mAP_authors_2017": 40.0,
    "probes": 100,
}


def result(architecture="mr_bcnn", region_size=5, layout="cuhk03-labeled", protocol="cuhk03-classic", **figures):
    return {
        "architecture": architecture,
        "region_size": region_size,
        "layout": layout,
        "protocol": protocol,
        "tested_identities": Overlap(100).to_json(),
        "summary": FIGURES | figures,
    }


@pytest.mark.parametrize("name", TABLES)
def test_published_tables_are_consistent(name):
    table = TABLES[name]
    for method, values in table.rows:
        assert len(values) == len(table.columns), method
        recalls = [value for column, value in zip(table.columns, values, strict=True) if column in RECALLS and value]
        assert recalls == sorted(recalls) and 0 < recalls[0] and recalls[-1] < 100, method
    ours, baseline = table.figures("mr_bcnn"), table.figures("cnn")
    assert all(ours[column] > baseline[column] for column in table.columns)  # the paper's finding
    assert table.figures("b_cnn") is None  # the paper has only its curve, no numbers


def test_published_figures_of_mr_bcnn():
    assert [TABLES[f"table{number}"].figures("mr_bcnn")["recall@1"] for number in (1, 2, 3, 4)] == [
        69.7,
        63.67,
        66.36,
        52.88,
    ]
    assert TABLES["table3"].figures("mr_bcnn")["mAP"] == 41.17
    assert [table.panel for table in TABLES.values()] == ["a", "b", "c", "d"]


def test_fits_needs_data_and_protocol():
    fitting = {name for name, table in TABLES.items() if fits(table, result())}
    assert fitting == {"table1"}
    for other in (result(protocol="cuhk03-np"), result() | {"include_same_camera": True}):
        assert not any(fits(table, other) for table in TABLES.values())


def test_fits_recognises_market_1501_by_number_of_probes():
    market = {"layout": "market1501", "protocol": "market1501"}
    assert fits(TABLES["table3"], result(**market, probes=3368))
    assert not fits(TABLES["table3"], result(**market, probes=732))


def test_compare_rows_and_differences():
    table = TABLES["table1"]
    frame = compare(table.columns, {"mine": result(), "plain": result("cnn")}, table)
    assert list(frame.columns) == ["method", "source", *RECALLS]
    assert frame["source"].tolist() == [PUBLISHED] * 7 + [MEASURED, DIFFERENCE] * 2
    assert frame["method"].tolist()[7:] == ["mine", "mine - MR B-CNN", "plain", "plain - CNN"]
    assert frame["recall@1"].tolist()[7:] == [70.126, 0.43, 70.126, 5.98]


def test_compare_marks_seen_identities():
    table, seen = TABLES["table1"], {"tested_identities": Overlap(100, 80, 5).to_json()}
    results = {"mine": result() | seen, "other": result("b_cnn", 15)}
    names = compare(table.columns, results, table)["method"].tolist()[7:]
    mark = "[85 of 100 tested identities seen in training]"
    assert names == [f"mine {mark}", f"mine {mark} - MR B-CNN", "other"]
    older = result("b_cnn", 15)
    del older["tested_identities"]
    assert compare(("mAP",), {"old": older})["method"].tolist() == ["old [training identities unknown]"]


@pytest.mark.parametrize("other", [result("b_cnn", 15), result("mr_bcnn", 3), result("mr_bcnn", 15)])
def test_compare_without_published_row_has_no_difference(other):
    table = TABLES["table1"]
    assert DIFFERENCE not in compare(table.columns, {"mine": other}, table)["source"].tolist()


def test_compare_uses_the_authors_average_precision():
    table = TABLES["table3"]
    frame = compare(table.columns, {"mine": result()}, table)
    assert frame["mAP"].tolist()[-2:] == [45.0, pytest.approx(40 - 41.17)]


def test_compare_with_missing_values():
    table = TABLES["table3"]
    short = result()
    del short["summary"]["recall@5"]
    frame = compare(table.columns, {"mine": short}, table)
    assert pd.isna(frame["recall@5"].tolist()[0])  # a dash in the paper
    assert frame["recall@5"].isna().tolist()[-2:] == [True, True]


def test_compare_without_table():
    frame = compare(("recall@1", "mAP"), {"mine": result(), "other": result("cnn")})
    assert frame.values.tolist() == [["mine", MEASURED, 70.126, 45.0], ["other", MEASURED, 70.126, 45.0]]
    assert compare(("recall@1",), {}).empty


def trained_on(*data: str) -> dict:
    return {"training_records": [{"data": one} for one in data]}


def test_a_zero_shot_result_is_marked_and_has_no_difference():
    table, data = TABLES["table1"], {"data": "cuhk03-labeled"}
    results = {"far": result() | data | trained_on("street"), "near": result() | data | trained_on("street", "CUHK03")}
    frame = compare(table.columns, results, table)
    assert frame["method"].tolist()[7:] == ["far [zero-shot]", "near", "near - MR B-CNN"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (trained_on("street"), True),
        (trained_on("cuhk03-detected"), False),  # the same identities as in cuhk03-labeled
        ({}, False),  # an older result without records
        (trained_on("street") | {"tested_identities": Overlap(100, unknown=("a",)).to_json()}, False),
        (trained_on("street") | {"layout": "market1501", "protocol": "market1501"}, False),  # perhaps rendered
        (
            trained_on("street")
            | {"layout": "market1501", "protocol": "market1501", "summary": FIGURES | {"probes": 3368}},
            True,
        ),
    ],
)
def test_zero_shot_needs_records_of_other_data(change, expected):
    assert is_zero_shot(result() | {"data": "cuhk03-labeled"} | change) is expected


def test_published_zero_shot_results_of_the_tests_of_a_table():
    market = result(layout="market1501", protocol="market1501", probes=3368)
    rendered = result(layout="market1501", protocol="market1501", probes=732)
    new_protocol = result(layout="cuhk03-detected", protocol="cuhk03-np")
    assert zero_shot_rows({"rendered": rendered, "classic": result()}) == []
    rows = zero_shot_rows({"np": new_protocol, "rendered": rendered})
    assert len(rows) == 4 and set(rows[0]) == {"method", "source", "np recall@1", "np mAP"}
    rows = zero_shot_rows({"market": market, "np": new_protocol})
    assert {row["source"] for row in rows} == {PUBLISHED} and len(rows) == len(ZERO_SHOT_ROWS)
    [real] = [row for row in rows if "RandPerson" in row["method"]]
    assert [*real.values()][2:] == [55.6, 28.8, 13.4, 10.8]
    assert all(row["market mAP"] < row["market recall@1"] < 100 for row in rows)


def test_published_zero_shot_rows_stand_beside_a_zero_shot_result():
    table = TABLES["table3"]
    market = result(layout="market1501", protocol="market1501", probes=3368) | {"data": "Market-1501"}
    trained = compare(table.columns, {"own": market | trained_on("Market-1501")}, table)
    frame = compare(table.columns, {"far": market | trained_on("street")}, table)
    added = frame[~frame["method"].isin(trained["method"])]
    assert len(added) == len(ZERO_SHOT_ROWS) + 1 and added["method"].str.endswith("[zero-shot]").all()
    assert frame["source"].tolist() == [PUBLISHED] * (len(frame) - 1) + [MEASURED]
    assert added.iloc[2].dropna().tolist()[2:] == [55.6, 28.8]
