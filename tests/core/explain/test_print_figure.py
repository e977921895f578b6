"""The print figure: its colours where the terms are known, and its texts."""

import re
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import draw_person, untrained
from matplotlib import style
from PIL import Image

from core.colours import NEGATIVE, POSITIVE
from core.explain.activations import look_inside
from core.explain.attribution import Attribution, explain_match
from core.explain.print_figure import (
    FORMATS,
    STYLE,
    Labels,
    match_figure,
    save_match,
)
from core.explain.print_page import MARGIN, TOP, WIDTH, Layout, shorten
from core.explain.region_names import BIAS, region_name
from core.geometry import PAPER

LABELS = Labels("probe$_1$.jpg", "match.jpg", "a model", BIAS)
GREY_IMAGE = Image.new("RGB", (60, 160), (150, 150, 150))
SCALE = 300 / 72  # pixels a point
LAYOUT = Layout(PAPER)
NETWORKS = {
    **dict.fromkeys(("cnn", "b_cnn", "mr_bcnn"), {}),
    "mobile_bcnn": {"image_columns": 96, "backbone_width": 0.1},
}


def make_attribution(pairs: dict[tuple[int, int], float], regions: int = 27) -> Attribution:
    """Return an attribution with the given terms; the first locations raise the score, the last ones lower it."""
    terms = np.zeros((regions + 1, regions + 1))
    for pair, value in pairs.items():
        terms[pair] = value
    locations = np.zeros((3, 15, 15))
    locations[0, :5], locations[2, 10:] = 1, -1
    empty = np.zeros((regions, 1))
    return Attribution(terms, (empty, empty), (locations, locations), (empty, empty), (empty, empty), np.zeros(1))


TWO_TERMS = {(2, 24): 0.5, (26, 0): -0.25}  # regions next to the gap, so that no link crosses other regions


def written(folder: Path, suffix: str, attribution: Attribution | None = None, labels: Labels = LABELS) -> Path:
    both = (look_inside(untrained("mr_bcnn"), GREY_IMAGE),) * 2
    save_match(folder / f"figure{suffix}", attribution or make_attribution(TWO_TERMS), both, labels)
    return folder / f"figure{suffix}"


def pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB")).astype(int)


def blueness(page: np.ndarray, box) -> float:
    """Return blue minus red in the upper left corner of a box, where no link ends; positive terms are blue."""
    left, top, width, height = (each * SCALE for each in box)
    corner = page[round(top) + 4 : round(top + height / 4), round(left) + 4 : round(left + width / 4)]
    return float((corner[..., 2] - corner[..., 0]).mean())


def has(page: np.ndarray, colour) -> bool:
    return bool((page == colour).all(-1).any())


@pytest.fixture(scope="module")
def two_terms(tmp_path_factory):
    return pixels(written(tmp_path_factory.mktemp("figure"), ".png"))


def test_png_is_7_inches_wide_at_300_dpi(tmp_path):
    with Image.open(written(tmp_path, ".png")) as image:
        assert image.size == (2100, 1800)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)


def test_region_has_the_colour_of_its_contribution(two_terms):
    found = {
        (image, region): blueness(two_terms, LAYOUT.region_box(image, region))
        for image in (0, 1)
        for region in range(27)
    }
    coloured = (0, 2), (1, 24), (0, 26), (1, 0)
    blue, blue_too, orange, orange_too = (found[each] for each in coloured)
    assert min(blue, blue_too) > 100 and max(orange, orange_too) < -50
    others = [value for each, value in found.items() if each not in coloured]
    assert np.abs(others).max() < 1


@pytest.mark.parametrize("image", [0, 1])
def test_location_has_the_colour_of_its_contribution(two_terms, image):
    left, top, width, height = (each * SCALE for each in LAYOUT.column_box(image, 1))
    rows = [two_terms[round(top + share * height), round(left + width / 2)] for share in (0.06, 0.5, 0.94)]
    assert [int(np.sign(blue - red)) for red, _, blue in rows] == [1, 0, -1]


def test_links_have_both_signs_and_omit_zero_terms(two_terms, tmp_path):
    before, after = LAYOUT.region_box(0, 2), LAYOUT.region_box(1, 0)
    gap = slice(round((before[0] + before[2]) * SCALE) + 4, round(after[0] * SCALE) - 4)
    rows = slice(round(TOP * SCALE), round((TOP + LAYOUT.tall) * SCALE))
    assert has(two_terms[rows, gap], POSITIVE) and has(two_terms[rows, gap], NEGATIVE)
    positive = pixels(written(tmp_path, ".png", make_attribution({(n, n): 0.1 for n in range(9)})))
    assert has(positive[rows, gap], POSITIVE) and not has(positive[rows, gap], NEGATIVE)


def test_bars_form_a_waterfall_to_the_score():
    both = (look_inside(untrained("mr_bcnn"), GREY_IMAGE),) * 2
    figure = match_figure(make_attribution(TWO_TERMS), both, LABELS)
    bars = next(axes for axes in figure.axes if axes.get_label() == "bars")
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    assert ends[1] == pytest.approx((0, 0.5)) and ends[2] == pytest.approx((0.5, 0.25))  # after the row of c
    assert ends[-1] == pytest.approx((0, 0.25))
    colours = [np.rint(np.array(bar.get_facecolor()[:3]) * 255).tolist() for bar in bars.patches]
    assert colours[1:3] == [list(POSITIVE), list(NEGATIVE)]
    names = [label.get_text() for label in bars.get_yticklabels()]
    assert names[:3] == [BIAS, region_name(2, PAPER), region_name(26, PAPER)] and names[-1] == "score"


@pytest.mark.slow
@pytest.mark.parametrize("architecture", NETWORKS)
def test_all_architectures_fit_the_page_with_long_names(architecture, tmp_path):
    model = untrained(architecture, **NETWORKS[architecture])
    both = look_inside(model, draw_person(1, 1, 0)), look_inside(model, draw_person(2, 1, 0))
    long = "a_rather_long_name_of_an_image_" * 9
    save_match(file := tmp_path / "figure.png", explain_match(model, *both), both, Labels(long, long, long, BIAS))
    page, edge = pixels(file), round(MARGIN * SCALE) - 6
    margins = [page[:40], page[-20:], page[:, :edge], page[:, -edge:]]
    assert all((margin == 255).all() for margin in margins)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", NETWORKS)
def test_texts_do_not_overlap(architecture):
    model = untrained(architecture, **NETWORKS[architecture])
    both = look_inside(model, draw_person(1, 1, 0)), look_inside(model, draw_person(2, 1, 0))
    with style.context(["default", STYLE]):
        figure = match_figure(explain_match(model, *both), both, LABELS)
        figure.draw_without_rendering()
        page, bars = figure.axes
        texts = [*page.texts, *bars.texts, *bars.get_yticklabels()]
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    assert len(boxes) > 40
    for number, (text, box) in enumerate(boxes):
        assert 0 < box.x0 < box.x1 < WIDTH * figure.dpi / 72 and 0 < box.y0 < box.y1 < figure.bbox.height, text
        assert [other for other, there in boxes[:number] if box.overlaps(there)] == [], text


def test_figure_without_terms_is_drawn(tmp_path):
    page = pixels(written(tmp_path, ".png", make_attribution({})))
    assert abs(blueness(page, LAYOUT.region_box(0, 0))) < 1


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMATS)
def test_equal_figures_give_equal_files(suffix, tmp_path):
    first = written(tmp_path, suffix).read_bytes()
    assert written(tmp_path, suffix).read_bytes() == first
    assert written(tmp_path, suffix, make_attribution({(0, 0): 0.5})).read_bytes() != first
    assert b"CreationDate" not in first and b"<dc:date>" not in first


def test_matplotlibrc_has_no_effect(tmp_path):
    first = written(tmp_path, ".png").read_bytes()
    with style.context({"axes.facecolor": "red", "font.size": 20, "savefig.bbox": "tight"}):
        assert written(tmp_path, ".png").read_bytes() == first


def test_svg_contains_text_as_text(tmp_path):
    tree = ElementTree.parse(written(tmp_path, ".svg"))
    texts = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Probe", "probe$_1$.jpg", "match.jpg", "a model", BIAS, region_name(2, PAPER), "−0.2500"} <= set(texts)
    assert tree.getroot().get("width") == "504pt"


def test_pdf_contains_text_in_an_embedded_font(tmp_path):
    content = written(tmp_path, ".pdf").read_bytes()
    assert b"/FontFile2" in content and b"/Subtype /Type3" not in content  # TrueType
    pieces = [piece.split(b"\nendstream")[0] for piece in content.split(b"stream\n")[1:]]
    page = next(text for piece in pieces if piece[:1] == b"\x78" and b" Tf" in (text := zlib.decompress(piece)))
    letters = b"".join(re.findall(rb"\x00([ -~])", page)).decode()  # two bytes each, with kerning between them
    for text in ("Probe", "probe$_1$.jpg", "match.jpg", "a model", region_name(2, PAPER)):
        assert text in letters


def test_long_text_is_shortened_in_the_middle():
    cut = shorten("0521_c1s2_053164_00.jpg", 45, 6)
    assert cut.startswith("0521") and "…" in cut and cut.endswith(".jpg")
    assert len(shorten("0521_c1s2_053164_00.jpg", 60, 6)) > len(cut)
    assert shorten("short", 45, 6) == "short"


def test_parser_does_not_import_matplotlib():
    code = "import sys, core.cli.main as main; main.parser(); sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
