"""The page Results without a browser."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import write_cuhk03_mat

from app.results import texts
from app.shared.texts import MODEL_NAMES
from core.evaluation.uncertainty import TOO_FEW
from core.evaluation.verification import EDGES, ScoreCounts
from core.inference.overlap import Overlap

pytestmark = pytest.mark.slow  # opens pages

ROOT = Path(__file__).parents[3]
PAPER = ["CUHK03-labeled", "CUHK03-detected", "Market-1501", "CUHK01"]
DETECTED = {
    "data": "cuhk03-detected",
    "layout": "cuhk03-detected",
    "protocol": "cuhk03-classic",
    "splits": [1, 2, 3, 4, 5],
    "spread": {"recall@1": 1.25},
}


@pytest.fixture
def open_results(open_app):
    """Open the page at a link, given as its parameters."""

    def open_at(**link: str | list[str]):
        app = open_app().switch_page("app_pages/results.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


def figures(app) -> list[dict]:
    return [json.loads(figure.proto.spec) for figure in app.get("plotly_chart")]


def names(figure: dict) -> list[str]:
    return [trace["name"] for trace in figure["data"]]


def page_text(app) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption))


def test_the_page_shows_the_paper_and_the_shipped_results(open_results, keep, make_report, sentences):
    keep(make_report(), "pedestrians-mr_bcnn", "checkpoints")
    app = open_results()
    assert sentences(app) == ""
    assert app.segmented_control[0].options == [*PAPER, "people"]
    assert app.segmented_control[0].value == "people-market1501"
    assert names(figures(app)[0]) == [MODEL_NAMES["pedestrians-mr_bcnn"]]
    assert "Preset demo, 12,800 training images of people" in page_text(app)
    app.segmented_control[0].set_value("table1").run()
    assert sentences(app) == "" and texts.NO_RESULT_ON.format(data="CUHK03-labeled") in page_text(app)
    assert [names(figure) for figure in figures(app)] == [["CNN, published", "MR B-CNN, published"]]


def test_the_demo_is_first_and_compares_the_architectures(open_results, keep, make_report, sentences):
    for architecture in ("cnn", "b_cnn", "mr_bcnn"):
        keep(make_report(architecture=architecture, data="pedestrians"), f"a-{architecture}")
    keep(make_report(data="cuhk03-labeled", layout="cuhk03-labeled", protocol="cuhk03-classic"), "b")
    app = open_results()
    assert sentences(app) == "" and app.segmented_control[0].options == [texts.DEMO, *PAPER]
    assert app.table[0].value[texts.ARCHITECTURE].tolist() == ["CNN", "B-CNN", "MR B-CNN"]
    colours = [trace["line"]["color"] for trace in figures(app)[0]["data"]]
    assert len(set(colours)) == 3


def test_all_sections_follow_the_data_set(open_results, keep, make_report, sentences):
    keep(make_report(), "one")
    keep(make_report(data="elsewhere"), "two")
    app = open_results(table="elsewhere")
    assert sentences(app) == "" and app.selectbox(key="result").value == "two"
    assert names(figures(app)[0]) == ["two"] and app.table[2].value.iloc[:, 0].tolist() == ["two"]
    app.segmented_control[0].set_value("people-market1501").run()
    assert sentences(app) == "" and app.selectbox(key="result").value == "one"
    assert names(figures(app)[0]) == ["one"] and app.table[2].value.iloc[:, 0].tolist() == ["one"]


def test_selected_results_are_those_of_all_sections(open_results, keep, make_report, sentences):
    for name in ("one", "two", "three"):
        keep(make_report(), name)
    app = open_results()
    styles = {trace["name"]: trace["line"] for trace in figures(app)[0]["data"]}
    app.multiselect[0].set_value(["one", "two"]).run()
    assert sentences(app) == "" and app.selectbox(key="result").options == ["one", "two"]
    assert {trace["name"]: trace["line"] for trace in figures(app)[0]["data"]} == {
        name: styles[name] for name in ("one", "two")
    }


def test_a_result_on_identities_seen_in_training_is_marked_in_the_curves(open_results, keep, make_report):
    keep(make_report(tested_identities=Overlap(100, 3).to_json()), "mine")
    trace = figures(open_results())[0]["data"][0]
    assert trace["name"] == "mine [3 of 100 tested identities seen in training]" and trace["line"]["dash"] == "dot"


def test_without_results_the_page_shows_the_paper(open_results, sentences):
    app = open_results()
    assert texts.NO_RESULTS in sentences(app)
    assert app.segmented_control[0].options == PAPER and len(app.table) == 1 and len(figures(app)) == 1


def test_measured_rows_follow_the_published_rows_with_their_difference(open_results, keep, make_report, sentences):
    keep(make_report(64.0, **DETECTED), "mine")
    app = open_results()
    assert sentences(app) == "" and app.segmented_control[0].value == "table2"
    rows = app.table[0].value
    assert rows[texts.METHOD].tolist()[-2:] == ["mine", texts.DIFFERENCE.format(method="MR B-CNN")]
    assert rows["r = 1"].tolist()[-3:] == [63.67, 64.0, 0.33]
    assert names(figures(app)[0]) == ["CNN, published", "MR B-CNN, published", "mine"]
    assert texts.MEAN_OF_SPLITS.format(splits="1, 2, 3, 4, 5", spread=1.25) in page_text(app)


def test_each_table_can_be_downloaded(open_results, keep, make_report):
    """The board, the curves, average precision and cameras. Streamlit adds a button to the table of the probes."""
    keep(make_report(64.0, **DETECTED), "mine")
    buttons = open_results().download_button
    assert [button.label for button in buttons] == [
        texts.TABLE_AS.format(format=format) for format in ("CSV", "LaTeX", "JSON")
    ] * 4


def test_average_precision_by_each_definition(open_results, keep, make_report):
    keep(make_report(), "mine")
    app = open_results()
    assert app.table[2].value.values.tolist() == [["mine", 70.0, 69.0, 50.0]]
    for figure in ("0.6667", "0.6222", "0.5000"):  # of the worked example
        assert figure in page_text(app)


def many_probes(ranks: list[int]) -> pd.DataFrame:
    """A probe of each identity."""
    ranks = np.array(ranks, float)
    names = [f"{number:04}" for number in range(len(ranks))]
    rows = {"path": names, "identity": names, "camera": 1, "first_rank": ranks, "average_precision": 1 / ranks}
    return pd.DataFrame(rows)


def test_intervals_and_numbers_of_probes(open_results, keep, make_report, sentences):
    report = replace(make_report(), probes=many_probes([1, 2, 1, 3] * 10))
    keep(replace(report, result=report.result | {"seed": 0, "configuration": "a"}), "one")
    keep(replace(report, result=report.result | {"seed": 1, "configuration": "a"}), "two")
    keep(make_report(), "with few")
    app = open_results()
    assert sentences(app) == "" and texts.ABOUT_INTERVALS in page_text(app)
    rows = app.table[1].value.set_index(texts.RESULT)
    assert rows.loc["one", texts.COLUMN_IDENTITIES] == "40" and rows[texts.COLUMN_SPLITS].tolist() == ["1"] * 3
    assert rows[texts.COLUMN_SEEDS].to_dict() == {"one": "2", "two": "2", "with few": texts.MISSING}
    assert rows.loc["one", texts.SD_OVER_SEEDS] == 0 and texts.SD_OVER_SPLITS not in rows
    assert texts.NO_INTERVAL.format(why=TOO_FEW, names="with few") in page_text(app).replace("\\", "")


def test_two_results_are_compared_on_the_same_probes(open_results, keep, make_report, sentences):
    keep(replace(make_report(), probes=many_probes([1] * 40)), "better")
    keep(replace(make_report(), probes=many_probes([1, 2, 3, 1] * 10)), "worse")
    (keep(make_report(), "none") / "probes.csv").unlink()
    app = open_results(first="worse", second="better")
    assert sentences(app) == ""
    text = page_text(app).replace("\\", "")
    assert "On these 40 probes of 40 identities, better has a higher rank-1 than worse. The difference of 50.0" in text
    assert text.count("is unlikely to be chance") == 2
    rows = app.table[2].value.set_index(texts.COLUMN_METRIC)
    assert rows.loc["r = 1", ["worse", "better", texts.COLUMN_DIFFERENCE]].tolist() == [50, 100, -50]
    assert rows.loc["r = 1", texts.COLUMN_P_VALUE] == "< 0.001"
    app.selectbox(key="second").set_value("none").run()
    assert sentences(app).endswith("to compare it probe by probe.")


def test_one_result_is_not_compared(open_results, keep, make_report):
    keep(make_report(), "one")
    assert texts.ONE_RESULT_ONLY in page_text(open_results())


def test_verification(open_results, keep, make_report, sentences):
    random = np.random.default_rng(0)
    counts = ScoreCounts(*(np.histogram(random.normal(mean, 0.1, 500), EDGES)[0] for mean in (0.7, 0.2, 0.5, 0.7, 0.7)))
    keep(make_report(rerank={"k1": 20}), "mine")
    keep(replace(make_report(), scores=counts), "mine")
    app = open_results()
    assert sentences(app) == ""
    recall, roc, det, opened = figures(app)[:4]
    assert names(roc) == names(opened) == ["mine"]
    assert roc["data"][0]["line"] == next(one["line"] for one in recall["data"] if one["name"] == "mine")
    assert det["data"][0]["name"] == "mine" and len(det["data"]) == 2  # with the line of equal error rates
    rows = app.table[3].value
    assert rows[texts.RESULT].tolist() == ["mine"] and rows["EER"][0] == counts.figures["EER"]


def test_results_without_stored_scores(open_results, keep, make_report):
    keep(make_report(), "mine")
    app = open_results()
    assert texts.NO_SCORES in page_text(app) and len(figures(app)) == 5


def test_probes_worst_first_with_links_and_images(open_results, keep, make_report, crops):
    keep(make_report(), "pedestrians-mr_bcnn", "checkpoints")
    app = open_results()
    probes = app.dataframe[0].value
    assert probes["first_rank"].tolist() == [7.0, 1.0]
    assert probes["search"][0] == "./?probe=0005_c1s1_000500_00.png&model=pedestrians-mr_bcnn"
    assert [(crop["href"], crop["below"]) for crop in crops(app, "strip")] == [
        (probes["search"][0], "rank 7"),
        (probes["search"][1], "rank 1"),
    ]


def test_probes_of_other_data_have_no_links(open_results, keep, make_report, crops):
    keep(make_report(data="elsewhere"), "mine")
    app = open_results()
    assert not crops(app, "strip") and app.dataframe[0].value["search"].isna().all()
    opened = texts.OPENED_DATA.format(data="people")
    assert texts.OTHER_DATA.format(data="elsewhere", opened=opened) in page_text(app)


def test_probes_inside_a_mat_file_have_links(open_results, keep, make_report, crops, tmp_path, monkeypatch):
    mat = write_cuhk03_mat(tmp_path / "cuhk-03.mat")
    report = make_report(**DETECTED)
    report.probes["path"] = ["cuhk-03.mat/detected/1_001_1_01.png", "cuhk-03.mat/detected/1_001_2_06.png"]
    keep(report, "mine")
    monkeypatch.setenv("MR_BCNN_DATA", str(mat))
    assert len(crops(open_results(), "strip")) == 2


def test_rank_1_by_cameras_leaves_the_diagonal_empty(open_results, keep, make_report):
    keep(make_report(), "mine")
    matrix = figures(open_results())[-1]["data"][0]
    assert matrix["type"] == "heatmap" and matrix["x"] == ["1", "2"]
    assert matrix["z"] == [[None, 60.0], [75.5, None]]


def test_results_on_training_identities_show_a_warning(open_results, keep, make_report, sentences):
    keep(make_report(tested_identities=Overlap(100, 3).to_json(), **DETECTED), "mine")
    app = open_results()
    assert "3 of 100 tested identities are in the training record" in sentences(app)
    assert "mine [3 of 100 tested identities seen in training]" in app.table[0].value.iloc[:, 0].tolist()


@pytest.mark.parametrize("name", ["result.json", "probes.csv"])
def test_a_damaged_result_is_an_error_and_the_others_are_shown(open_results, keep, make_report, sentences, name):
    (keep(make_report(), "bad") / name).write_text("{")
    keep(make_report(), "good")
    app = open_results()
    assert name in sentences(app) and "\n" not in sentences(app)
    assert app.selectbox(key="result").options == ["good"]


def test_a_result_without_probes(open_results, keep, make_report, sentences):
    (keep(make_report(), "mine") / "probes.csv").unlink()
    app = open_results()
    assert sentences(app) == "" and texts.NO_PROBES in page_text(app)


def test_a_new_result_is_shown_without_a_restart(open_results, keep, make_report):
    keep(make_report(), "one")
    app = open_results()
    keep(make_report(90.0), "one")
    keep(make_report(), "two")
    app.run()
    assert app.multiselect[0].options == ["one", "two"]
    assert figures(app)[0]["data"][0]["y"][0] == 90.0


def test_the_link_keeps_table_and_results(open_results, keep, make_report, sentences):
    for name in ("one", "two"):
        keep(make_report(), name)
    keep(make_report(data="elsewhere"), "three")
    app = open_results(table="people", results=["two"], result="two")
    assert sentences(app) == ""
    assert app.segmented_control[0].value == "people-market1501"
    assert names(figures(app)[0]) == ["two"] and app.selectbox(key="result").value == "two"


def test_links_of_earlier_versions(open_results, keep, make_report, sentences):
    keep(make_report(data="cuhk03-detected", layout="cuhk03-detected", protocol="cuhk03-np"), "one")
    keep(make_report(data="cuhk03-detected", layout="cuhk03-detected", protocol="cuhk03-np", rerank=True), "two")
    app = open_results(
        table="cuhk03-detected by cuhk03-np",
        results=["two, re-ranked, on cuhk03-detected by cuhk03-np"],
        result="two, re-ranked, on cuhk03-detected by cuhk03-np",
    )
    assert sentences(app) == "" and app.segmented_control[0].value == "cuhk03-detected-cuhk03-np"
    assert names(figures(app)[0]) == ["two, re-ranking"] and app.selectbox(key="result").value == "two, re-ranking"


@pytest.mark.parametrize("name", ["table", "results", "result", "first", "second"])
def test_an_unknown_value_in_the_link_is_an_error(open_results, keep, make_report, sentences, name):
    keep(make_report(), "mine")
    app = open_results(**{name: "nothing"})
    assert f"The link asks for {name} 'nothing'" in sentences(app)
    assert len(figures(app)) == 5


def test_without_data_results_are_shown(open_results, keep, make_report, people, sentences):
    keep(make_report(), "mine")
    app = open_results()
    people.rename(people.with_name("gone"))
    app.run()
    assert sentences(app) == "" and texts.OPENED_NOTHING in page_text(app)


def test_names_are_plain_text(open_results, keep, make_report):
    keep(make_report(), "*a* :red[b]")
    app = open_results()
    assert r"\*a\* \:red\[b\]" in page_text(app)


@pytest.mark.slow
def test_the_page_needs_no_torch():
    names = "shared.charts shared.cache shared.widgets results.tables results.table_style results.verification"
    modules = ", ".join(f"app.{name}" for name in [*names.split(), "results.worst_probes", "results.reports"])
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0
