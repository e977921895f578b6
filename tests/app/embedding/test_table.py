"""The table of points, and the colours of its columns."""

import numpy as np
import pandas as pd
import pytest

from app.embedding import texts
from app.embedding.colours import AMOUNT_COLOURS, NAMED_COLOURS, colouring
from app.embedding.table import (
    FALSE_MATCH,
    TRUE_MATCH,
    colour_columns,
    point_labels,
    point_table,
    with_attributes,
    with_ranks,
)
from app.shared.images import read_images
from core.colours import CATEGORY_COLOURS, OTHER_COLOUR


@pytest.fixture
def images(people):
    return read_images(people)


def test_one_row_per_image(images):
    table = point_table(images.gallery, images.query, images.names)
    assert len(table) == 14 + len(images.query) and table["image"].is_unique
    assert table["subset"].value_counts()[["gallery", "distractor"]].tolist() == [12, 2]
    row = table.set_index("image").loc["0005_c1s1_000500_00.png"]
    assert (row["identity"], row["camera"], row["subset"]) == ("0005", "1", "probe")
    assert point_labels(table)[table["identity"].tolist().index("distractor")].startswith(
        "distractor\ncamera 1, distractor\n0000"
    )
    assert colour_columns(table) == ["identity", "camera", "subset"]


def test_attributes_come_from_a_table_of_the_data_set(images, tmp_path):
    table = point_table(images.gallery, images.query, images.names)
    (tmp_path / "identities.csv").write_text(
        "identity,split,site,hair_colour,bag\n0005,test,1,black,\n0006,test,1,blond,\n0007,test,1,,backpack\n"
    )
    joined = with_attributes(table, tmp_path)
    assert joined.columns.tolist() == [*table.columns, "hair colour", "bag"]  # the column site has one value
    of = joined.groupby("identity").first()
    assert of["hair colour"].to_dict() == {
        "distractor": "none",
        "0005": "black",
        "0006": "blond",
        "0007": "none",
        "0008": "none",
    }
    assert of.loc["0007", "bag"] == "backpack" and len(joined) == len(table)


@pytest.mark.parametrize("text", [None, "", "person_id,hair\n1,2\n", "identity,hair\n0005,a\n0005,b\n", "\x00"])
def test_an_invalid_table_is_ignored(images, tmp_path, text):
    table = point_table(images.gallery, images.query, images.names)
    if text is not None:
        (tmp_path / "identities.csv").write_text(text)
    assert with_attributes(table, tmp_path) is table


def test_ranks_of_probes_by_hand(images):
    """Each identity has an orthogonal descriptor. The first probe has that of identity 0006."""
    table = point_table(images.gallery, images.query, images.names)
    identities = sorted(table["identity"].unique())
    descriptors = np.eye(len(identities), dtype=np.float32)[[identities.index(one) for one in table["identity"]]]
    probe = len(images.gallery)
    descriptors[probe] = np.eye(len(identities))[identities.index("0006")]
    ranked = with_ranks(table, images.gallery, images.query, descriptors)
    assert ranked["rank-1"].tolist() == [None] * probe + [FALSE_MATCH] + [TRUE_MATCH] * (len(images.query) - 1)
    assert ranked["average precision"][probe + 1 :].eq(1).all() and 0 < ranked["average precision"][probe] < 1
    unknown = with_ranks(table, [], images.query, descriptors[probe:])
    assert unknown["average precision"].isna().all()


def test_colours_by_name_by_category_and_by_number():
    named = colouring(pd.Series(["red", "navy", "red", "none"]))
    assert named.legend == [("navy", NAMED_COLOURS["navy"]), ("none", OTHER_COLOUR), ("red", NAMED_COLOURS["red"])]
    assert [named.palette[number] for number in named.numbers] == [
        NAMED_COLOURS["red"],
        NAMED_COLOURS["navy"],
        NAMED_COLOURS["red"],
        OTHER_COLOUR,
    ]
    categories = colouring(pd.Series(["10", "9", "9", None]))
    assert categories.legend == [
        ("9", CATEGORY_COLOURS[0]),
        ("10", CATEGORY_COLOURS[1]),
        (texts.OTHER_VALUES, OTHER_COLOUR),
    ] and categories.numbers.tolist() == [
        2,
        1,
        1,
        0,
    ]
    chosen = colouring(pd.Series(list("abcc")), ["c", "a", "gone"])
    assert chosen.legend == [("c", CATEGORY_COLOURS[0]), ("a", CATEGORY_COLOURS[1]), (texts.OTHER_VALUES, OTHER_COLOUR)]
    many = colouring(pd.Series([str(number) for number in range(50)]))
    assert len(many.palette) == 1 + len(CATEGORY_COLOURS) and many.numbers.max() == len(CATEGORY_COLOURS)
    amounts = colouring(pd.Series([0.0, 1.0, 0.5, np.nan]))
    assert (
        amounts.numbers.tolist() == [1, len(AMOUNT_COLOURS), 1 + len(AMOUNT_COLOURS) // 2, 0]
        and amounts.legend[-1][1] == OTHER_COLOUR
    )
    assert colouring(pd.Series([TRUE_MATCH, FALSE_MATCH, None])).palette[1:] == ["#c8443c", "#1d9a56"]
