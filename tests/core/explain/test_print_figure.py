"""The figure by its pixels: colours where a known term is, and white where there is nothing."""

import numpy as np
import pytest
from conftest import draw_person, untrained
from PIL import Image

from core.colours import AGAINST, FOR
from core.explain import print_canvas
from core.explain.activations import look_inside
from core.explain.attribution import Attribution, explain_match
from core.explain.print_figure import (
    MARGIN,
    TOP,
    WIDTH,
    Labels,
    bar_box,
    column_box,
    draw_match,
    region_box,
)
from core.explain.region_names import BIAS, region_name

LABELS = Labels("probe.jpg", "match.jpg", "a model", BIAS)
GREY_PICTURE = Image.new("RGB", (60, 160), (150, 150, 150))


def made_up(pairs: dict[tuple[int, int], float], regions: int = 27) -> Attribution:
    """Terms of the named pairs of regions and no others; the first rows of places speak for, the last against."""
    terms = np.zeros((regions + 1, regions + 1))
    for pair, value in pairs.items():
        terms[pair] = value
    places = np.zeros((3, 15, 15))
    places[0, :5], places[2, 10:] = 1, -1
    empty = np.zeros((regions, 1))
    return Attribution(terms, (empty, empty), (places, places), (empty, empty), (empty, empty), np.zeros(1))


def drawn(why: Attribution, architecture: str = "mr_bcnn", labels: Labels = LABELS) -> np.ndarray:
    regions = look_inside(untrained(architecture), GREY_PICTURE)
    return np.asarray(draw_match(why, (regions, regions), labels)).astype(int)


def blueness(page: np.ndarray, box) -> float:
    """Blue less red in the upper left corner of a box, where no curve ends: above 0 for, below 0 against."""
    left, top, width, height = box
    corner = page[round(top) + 4 : round(top + height / 4), round(left) + 4 : round(left + width / 4)]
    return float((corner[..., 2] - corner[..., 0]).mean())


def has(page: np.ndarray, colour) -> bool:
    return bool((page == colour).all(-1).any())


@pytest.fixture(scope="module")
def two_terms():
    """Of regions beside the gap between the pictures, so that no curve crosses other regions."""
    return drawn(made_up({(2, 24): 0.5, (26, 0): -0.25}))


def test_a_region_has_the_colour_of_what_it_adds(two_terms):
    found = {
        (picture, region): blueness(two_terms, region_box(picture, region, 3))
        for picture in (0, 1)
        for region in range(27)
    }
    coloured = (0, 2), (1, 24), (0, 26), (1, 0)
    blue, blue_too, orange, orange_too = (found[each] for each in coloured)
    assert min(blue, blue_too) > 100 and max(orange, orange_too) < -50
    others = [value for each, value in found.items() if each not in coloured]
    assert np.abs(others).max() < 1


@pytest.mark.parametrize("picture", [0, 1])
def test_a_place_has_the_colour_of_what_it_adds(two_terms, picture):
    left, top, width, height = column_box(picture, 1)
    rows = [two_terms[round(top + share * height), round(left + width / 2)] for share in (0.06, 0.5, 0.94)]
    assert [int(np.sign(blue - red)) for red, _, blue in rows] == [1, 0, -1]


def test_curves_are_of_both_signs_and_only_of_terms_that_are(two_terms):
    gap = slice(round(region_box(0, 2, 3)[0] + 76) + 4, round(region_box(1, 0, 3)[0]) - 4)
    rows = slice(TOP, TOP + 736)
    assert has(two_terms[rows, gap], FOR) and has(two_terms[rows, gap], AGAINST)
    alone = drawn(made_up({(n, n): 0.1 for n in range(9)}))
    assert has(alone[rows, gap], FOR) and not has(alone[rows, gap], AGAINST)


def test_bars_lead_over_the_terms_to_the_score(two_terms):
    def colour(row, value):
        left, top, _, height = bar_box(row, value, value, 0, 0.5)
        return tuple(two_terms[round(top + height / 2), round(left)])

    assert colour(1, 0.1) == colour(1, 0.4) == FOR  # after the row of c
    assert colour(2, 0.1) == (255, 255, 255) and colour(2, 0.4) == AGAINST
    assert colour(12, 0.1) == print_canvas.QUIET and colour(12, 0.4) == (255, 255, 255)


@pytest.mark.parametrize("architecture", ["cnn", "b_cnn", "mr_bcnn"])
def test_all_architectures_fit_the_page_with_long_names_too(architecture):
    model = untrained(architecture)
    both = look_inside(model, draw_person(1, 1, 0)), look_inside(model, draw_person(2, 1, 0))
    long = "a_rather_long_name_of_a_picture_" * 9
    page = np.asarray(draw_match(explain_match(model, *both), both, Labels(long, long, long, BIAS)))
    assert page.shape == (1800, WIDTH, 3)
    margins = [page[:40], page[-30:], page[:, : MARGIN - 6], page[:, 6 - MARGIN :]]
    assert all((margin == 255).all() for margin in margins)


def test_no_term_at_all_is_drawn_too():
    page = drawn(made_up({}))
    assert abs(blueness(page, region_box(0, 0, 3))) < 1


def test_without_the_usual_fonts_words_are_drawn_in_pillows_own(monkeypatch):
    monkeypatch.setattr(print_canvas, "FONTS", ())
    print_canvas._font.cache_clear()
    try:
        page = print_canvas.Canvas(300, 60)
        page.text((10, 40), "−1 – 2")
        plain = print_canvas.Canvas(300, 60)
        plain.text((10, 40), "-1 - 2")
    finally:
        print_canvas._font.cache_clear()
    np.testing.assert_array_equal(page.page, plain.page)
    assert (np.asarray(page.page) < 128).any()


@pytest.mark.parametrize("side, size", [(3, 26), (5, 24)])
def test_the_longest_names_of_a_pair_have_room(side, size):
    words = max((f"{region_name(r, side)} – {region_name(r, side)}" for r in range(3 * side**2)), key=len)
    page, room = print_canvas.Canvas(900, 60), 748
    page.text((10, 40), words, size, room=room)
    assert not (np.asarray(page.page)[:, 10 + room :] < 128).any()  # in a wide font the middle of a name is cut
    font, _ = print_canvas._font(size)
    assert font.getlength(words) <= room or font.getname()[0] == "DejaVu Sans"


def test_words_without_room_lose_their_middle():
    assert print_canvas._shortened("0521_c1s2_053164_00.jpg", 8) == "0521….jpg"
    assert print_canvas._shortened("short", 8) == "short"
