"""The styles of results in the table and in figures."""

from app.results.line_styles import SEEN_DASH, line_styles
from app.shared.charts import COLOURS, MORE_COLOURS
from core.inference.overlap import Overlap


def test_each_result_has_its_own_colour_and_the_first_of_an_architecture_that_of_the_architecture(make_report):
    reports = {str(number): make_report() for number in range(5)} | {"cnn": make_report(architecture="cnn")}
    colours = [style.colour for style in line_styles(reports).values()]
    assert colours == [COLOURS["mr_bcnn"], *MORE_COLOURS[:4], COLOURS["cnn"]]


def test_no_two_results_look_alike(make_report):
    styles = line_styles({str(number): make_report() for number in range(20)})
    assert len(set(styles.values())) == 20


def test_results_on_identities_seen_in_training_are_dotted(make_report):
    seen = make_report(tested_identities=Overlap(12, 8).to_json())
    unknown = make_report(tested_identities=Overlap(12, unknown=("old",)).to_json())
    styles = line_styles({"seen": seen, "new": make_report(), "unknown": unknown})
    assert [style.dash for style in styles.values()] == [SEEN_DASH, "solid", SEEN_DASH]
