"""The table behind the map, and the colours of its columns."""

import numpy as np
import pandas as pd
import pytest

from app.embedding.colours import AMOUNT_COLOURS, NAMED_COLOURS, colouring
from app.embedding.table import colour_columns, point_table, sentences, with_attributes, with_ranks
from app.shared.images import read_images
from core.colours import CATEGORY_COLOURS, OTHER_COLOUR


@pytest.fixture
def images(people):
    return read_images(people)


def test_a_row_a_image(images):
    table = point_table(images.gallery, images.query, images.names)
    assert len(table) == 14 + len(images.query) and table["image"].is_unique
    assert table["part"].value_counts()[["gallery", "distractor"]].tolist() == [12, 2]
    row = table.set_index("image").loc["0005_c1s1_000500_00.png"]
    assert (row["person"], row["camera"], row["part"]) == ("0005", "1", "probe")
    assert sentences(table)[table["person"].tolist().index("0000")].startswith("distractor\ncamera 1, distractor\n0000")
    assert colour_columns(table) == ["person", "camera", "part"]


def test_attributes_come_from_a_table_beside_the_data(images, tmp_path):
    table = point_table(images.gallery, images.query, images.names)
    (tmp_path / "identities.csv").write_text(
        "identity,split,site,hair_colour,bag\n0005,test,1,black,\n0006,test,1,blond,\n0007,test,1,,backpack\n"
    )
    joined = with_attributes(table, tmp_path)
    assert joined.columns.tolist() == [*table.columns, "hair colour", "bag"]  # all are of one site
    of = joined.groupby("person").first()
    assert of["hair colour"].to_dict() == {
        "0000": "none",
        "0005": "black",
        "0006": "blond",
        "0007": "none",
        "0008": "none",
    }
    assert of.loc["0007", "bag"] == "backpack" and len(joined) == len(table)


@pytest.mark.parametrize("text", [None, "", "person_id,hair\n1,2\n", "identity,hair\n0005,a\n0005,b\n", "\x00"])
def test_a_table_that_is_none_is_passed_over(images, tmp_path, text):
    table = point_table(images.gallery, images.query, images.names)
    if text is not None:
        (tmp_path / "identities.csv").write_text(text)
    assert with_attributes(table, tmp_path) is table


def test_ranks_of_probes_by_hand(images):
    """Everybody points in a direction of their own, but for the first probe, which looks like person 0006."""
    table = point_table(images.gallery, images.query, images.names)
    people = sorted(table["person"].unique())
    descriptors = np.eye(len(people), dtype=np.float32)[[people.index(person) for person in table["person"]]]
    probe = len(images.gallery)
    descriptors[probe] = np.eye(len(people))[people.index("0006")]
    ranked = with_ranks(table, images.gallery, images.query, descriptors)
    assert ranked["rank-1"].tolist() == [None] * probe + ["wrong"] + ["right"] * (len(images.query) - 1)
    assert ranked["average precision"][probe + 1 :].eq(1).all() and 0 < ranked["average precision"][probe] < 1
    nobody = with_ranks(table, [], images.query, descriptors[probe:])
    assert nobody["average precision"].isna().all()


def test_colours_by_name_by_kind_and_by_amount():
    named = colouring(pd.Series(["red", "navy", "red", "none"]))
    assert named.legend == [("navy", NAMED_COLOURS["navy"]), ("none", OTHER_COLOUR), ("red", NAMED_COLOURS["red"])]
    assert [named.palette[number] for number in named.numbers] == [
        NAMED_COLOURS["red"],
        NAMED_COLOURS["navy"],
        NAMED_COLOURS["red"],
        OTHER_COLOUR,
    ]
    kinds = colouring(pd.Series(["10", "9", "9", None]))
    assert kinds.legend == [
        ("9", CATEGORY_COLOURS[0]),
        ("10", CATEGORY_COLOURS[1]),
        ("others", OTHER_COLOUR),
    ] and kinds.numbers.tolist() == [
        2,
        1,
        1,
        0,
    ]
    chosen = colouring(pd.Series(list("abcc")), ["c", "a", "gone"])
    assert chosen.legend == [("c", CATEGORY_COLOURS[0]), ("a", CATEGORY_COLOURS[1]), ("others", OTHER_COLOUR)]
    many = colouring(pd.Series([str(number) for number in range(50)]))
    assert len(many.palette) == 1 + len(CATEGORY_COLOURS) and many.numbers.max() == len(CATEGORY_COLOURS)
    amounts = colouring(pd.Series([0.0, 1.0, 0.5, np.nan]))
    assert (
        amounts.numbers.tolist() == [1, len(AMOUNT_COLOURS), 1 + len(AMOUNT_COLOURS) // 2, 0]
        and amounts.legend[-1][1] == OTHER_COLOUR
    )
    assert colouring(pd.Series(["right", "wrong", None])).palette[1:] == ["#1d9a56", "#c8443c"]
