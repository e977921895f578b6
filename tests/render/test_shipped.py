"""The shipped data set is what its README says, and what the renderer makes."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.render.body import read_body
from assets.render.dataset import RECORD, _Worker
from assets.render.plan import GALLERY, QUERY, TRAIN, Settings, make_plan

SHIPPED = Path(__file__).parents[2] / "assets" / "pedestrians"


@pytest.fixture(scope="module")
def plan():
    return make_plan(Settings(**json.loads((SHIPPED / RECORD).read_text())))


def test_all_planned_pictures_are_there_and_can_be_read(plan):
    _, chunks = plan
    planned = {shot.path for chunk in chunks for shot in chunk.shots}
    assert {str(path.relative_to(SHIPPED)) for path in SHIPPED.rglob("*.jpg")} == planned
    for name in planned:
        with Image.open(SHIPPED / name) as picture:
            picture.load()
            assert (picture.size, picture.mode) == ((80, 160), "RGB"), name


def test_the_table_agrees_with_the_plan(plan):
    entries, _ = plan
    with (SHIPPED / "identities.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["identity"], row["split"]) for row in rows] == [(f"{e.number:04d}", e.split) for e in entries]
    for row, entry in zip(rows, entries, strict=True):
        assert {column: row[column] for column in entry.identity.visible()} == entry.identity.visible()


def test_the_readme_counts_right():
    said = (SHIPPED / "README.md").read_text().replace(",", "")
    for folder in (TRAIN, GALLERY, QUERY):
        count = len(list((SHIPPED / folder).glob("*.jpg")))
        assert f"| `{folder}` | {count} |" in said


def test_its_settings_are_written_as_ever():
    recorded = json.loads((SHIPPED / RECORD).read_text())
    assert Settings(**recorded).record() == recorded, "else it could not be continued"


def test_it_stays_small_enough_to_ship():
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 25e6


def test_the_renderer_still_makes_these_pictures(plan, tmp_path):
    """Compared with a tolerance: another processor may round the last bit of a ray otherwise."""
    _, chunks = plan
    (tmp_path / TRAIN).mkdir()
    few = replace(chunks[0], shots=chunks[0].shots[:4])
    settings = Settings(**json.loads((SHIPPED / RECORD).read_text()))
    _Worker(read_body(), settings, tmp_path).render(few)
    for shot in few.shots:
        with Image.open(SHIPPED / shot.path) as shipped, Image.open(tmp_path / shot.path) as made:
            difference = np.abs(np.asarray(shipped, float) - np.asarray(made, float)).mean()
        assert difference < 2, shot.path
