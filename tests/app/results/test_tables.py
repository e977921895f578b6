"""The results of each table, and the style of the tables."""

from app.results import texts
from app.results.line_styles import line_styles
from app.results.report_labels import curves, in_order
from app.results.table_style import board_style, signed
from app.results.tables import boards, data, number
from app.shared.charts import COLOURS
from app.shared.widgets import as_plain_text
from core.paper.published import TABLES

DETECTED = {"data": "cuhk03-detected", "layout": "cuhk03-detected", "protocol": "cuhk03-classic"}


def test_the_tables_of_the_paper_come_first(make_report):
    found = boards(
        {"r: people-market1501": make_report(), "s: cuhk03-detected-cuhk03-classic": make_report(**DETECTED)}
    )
    assert list(found) == [*TABLES, "people-market1501"]
    assert list(found["table2"].reports) == ["s: cuhk03-detected-cuhk03-classic"]
    assert found["people-market1501"].title == "people" and found["people-market1501"].points == []


def test_a_part_of_a_benchmark_is_named_with_its_number_of_probes(make_report):
    found = boards({"r: Market-1501-market1501": make_report(data="Market-1501")})
    assert found["Market-1501-market1501"].title == "Market-1501, 2 probes"


def test_results_without_the_same_camera_rule_have_a_table_of_their_own(make_report):
    found = boards(
        {
            "r: people-market1501": make_report(),
            "r: people-market1501-same-camera": make_report(include_same_camera=True),
        }
    )
    assert [board.title for board in found.values()][4:] == ["people", texts.SAME_CAMERA_COUNTED.format(data="people")]
    assert [list(board.frame["method"]) for board in found.values()][4:] == [["r"], ["r"]]


def test_each_result_of_a_table_has_its_own_name(make_report):
    all_options = (
        {},
        {"flip": True},
        {"adapted": True},
        {"flip": True, "rerank": True, "expansion": 3},
        {"centred": True},
        {"splits": [2], "splits_of_protocol": 5},
    )
    for measured_on, key in ((DETECTED, "table2"), ({}, "people-market1501")):
        made = [make_report(60.0 + number, **(measured_on | options)) for number, options in enumerate(all_options)]
        board = boards({f"my-run: {report.name}": report for report in made})[key]
        rows = board.frame[board.frame["source"] == "this project"].set_index("method")["recall@1"]
        assert rows.to_dict() == {
            "my-run": 60.0,
            "my-run, mirror images": 61.0,
            "my-run, batch-norm adaptation": 62.0,
            "my-run, mirror images, query expansion 3, re-ranking": 63.0,
            "my-run, camera centring": 64.0,
            "my-run, split 2": 65.0,
        }
        assert [one.name for one in curves(board.reports, line_styles(board.reports))] == list(rows.index)


def test_published_points_are_those_of_the_papers_networks():
    points = {point.name: point.recalls for point in boards({})["table3"].points}
    assert points == {"CNN": {1: 56.62, 5: 78.92, 10: 85.15}, "MR B-CNN": {1: 66.36, 5: 85.01, 10: 90.17}}


def test_captions_name_table_and_data(make_report):
    assert (number(TABLES["table1"]), data(TABLES["table1"])) == ("Table 1", "CUHK03-labeled")
    assert boards({})["table4"].caption == texts.CAPTION_WITH_PAPER.format(data="CUHK01", number="table 4")


def test_the_demo_is_the_first_board(make_report):
    found = boards(
        {"r: people-market1501": make_report(), "s: pedestrians-market1501": make_report(data="pedestrians")}
    )
    assert [board.title for board in found.values()] == [texts.DEMO, *map(data, TABLES.values()), "people"]


def test_architectures_that_were_trained_on_the_same_data_are_compared_first(make_report):
    def made(architecture: str, *data: str):
        records = [{"data": one, "samples": 64} for one in data]
        return make_report(architecture=architecture, training_records=records)

    reports = {
        "a: people-market1501": made("mr_bcnn", "street"),
        "b: people-market1501": made("mr_bcnn", "large"),
        "c: people-market1501": made("cnn", "large"),
    }
    board = boards(in_order(reports))["people-market1501"]
    assert list(board.frame["method"]) == ["c", "b", "a"]
    assert texts.COMPARED_ARCHITECTURES.format(count=2, data="large") in board.explanation
    assert texts.COMPARED_ARCHITECTURES.format(count=2, data="large") not in board.select(list(reports)[:1]).explanation


def test_a_zero_shot_result_is_marked(make_report):
    far = make_report(60.0, **DETECTED, training_records=[{"data": "street", "samples": 64}])
    board = boards({"far: cuhk03-detected-cuhk03-classic": far})["table2"]
    html = board_style(board.frame, board.reports, line_styles(board.reports)).to_html()
    assert "zero" in html and ":red[" not in html and texts.ABOUT_ZERO_SHOT in board.explanation
    assert texts.ABOUT_PUBLISHED_ZERO_SHOT not in board.explanation  # there are none for table 2


def test_published_zero_shot_rows_are_explained(make_report):
    far = make_report(
        60.0, **DETECTED | {"protocol": "cuhk03-np"}, training_records=[{"data": "street", "samples": 64}]
    )
    board = boards({"far: cuhk03-detected-cuhk03-np": far})["cuhk03-detected-cuhk03-np"]
    assert texts.ABOUT_PUBLISHED_ZERO_SHOT in board.explanation and any(
        "RandPerson" in row for row in board.frame["method"]
    )


def test_the_style_of_a_board(make_report):
    report = make_report(60.0, **DETECTED)
    board = boards({"my_run: cuhk03-detected-cuhk03-classic": report})["table2"]
    html = board_style(board.frame, board.reports, line_styles(board.reports)).to_html()
    assert r"my\_run" in html and as_plain_text(texts.DIFFERENCE.format(method="MR B-CNN")) in html
    assert COLOURS["mr_bcnn"] in html and COLOURS["cnn"] not in html
    assert ":red[−3.67]" in html and "–" in html and "nan" not in html


def test_differences_have_colour_and_sign():
    assert [signed(value) for value in (1.5, -0.25, 0.0, None)] == [
        ":green[+1.50]",
        ":red[−0.25]",
        ":green[+0.00]",
        "–",
    ]
