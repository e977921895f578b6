"""Variants of the evaluation protocols, on data sets small enough to count by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import draw_person, untrained

from core.cli.main import main
from core.data.datasets import read_dataset
from core.evaluation.protocols import PROTOCOLS
from core.paper.variants import METRICS, find_variants, include_junk, measure_variants

# gallery images by angle from the probe 0001_c1: a true match of the same camera, junk, a distractor, a true match, a
# false match, a true match
GALLERY = {"0001_c1": 1, "-1_c2": 2, "0000_c2": 3, "0001_c2": 4, "0002_c3": 5, "0001_c3": 6}


def measure(root, angles, trained=None):
    """Measure the variants with descriptors at the given angles (by the beginnings of file names), in degrees."""
    model = untrained()
    model.checkpoint = replace(model.checkpoint, data=trained or {})
    described = []

    def describe_records(records, on_error=None, on_progress=None):
        described.extend(record.path for record in records)
        found = [next(angles[name] for name in angles if record.path.name.startswith(name)) for record in records]
        radians = np.deg2rad(np.array(found, float))
        return np.stack([np.cos(radians), np.sin(radians)], 1).astype(np.float32), list(records)

    model.describe_records = describe_records
    table = measure_variants(model, read_dataset(root))
    assert len(described) == len(set(described))  # each image once
    table["method"] = table["method"].str.removesuffix(" [training identities unknown]")
    return table.set_index("method")


@pytest.fixture
def market(tmp_path):
    for folder, names in {
        "bounding_box_train": ["0003_c1", "0003_c2"],
        "query": ["0001_c1"],
        "bounding_box_test": GALLERY,
    }.items():
        (tmp_path / "small" / folder).mkdir(parents=True)
        for number, name in enumerate(names):
            draw_person(1, 1, number).save(tmp_path / "small" / folder / f"{name}s1_{number:06d}_00.png")
    return tmp_path / "small"


def test_images_that_count(market):
    """True matches at ranks 2 and 4; 1, 3 and 5; 1 and 3; 3 and 5. Columns: rank-1, and the definitions of mAP."""
    table = measure(market, GALLERY)
    expected = {
        "market1501: single query": (0, 50, 33.3333, 25),
        "market1501: same-camera images count": (100, 75.5556, 71.1111, 55.5556),
        "market1501: without distractors": (100, 83.3333, 79.1667, 50),
        "market1501: junk images count as false matches": (0, 36.6667, 24.5833, 16.6667),
    }
    assert list(table.index) == list(expected)
    names = ["recall@1", "mAP", "mAP_trapezoid", "mAP_authors_2017"]
    assert table[names].to_numpy() == pytest.approx(np.array(list(expected.values())), abs=1e-3)


def test_single_shot_and_multi_shot(tmp_path):
    """Both identities are at rank 1 in draws of image 3 of the first identity, and at rank 2 in the other draws.

    In multi shot, the true matches are at ranks 1 and 4, and at ranks 2 and 3.
    """
    (tmp_path / "campus").mkdir()
    for person in range(1, 5):
        for number in range(1, 5):
            draw_person(person, 1, number).save(tmp_path / "campus" / f"{person:04d}{number:03d}.png")
    split = PROTOCOLS["cuhk01"].divide(read_dataset(tmp_path))
    first, second = sorted({record.identity for record in split.query})
    angles = {f"{first}001": 0, f"{first}002": 0, f"{first}003": 10, f"{first}004": 80}
    angles |= {f"{second}001": 90, f"{second}002": 90, f"{second}003": 60, f"{second}004": 60}
    table = measure(tmp_path, angles, {"layout": "cuhk01", "protocol": "cuhk01", "split": 1, "origin": split.origin})
    assert list(table.index) == ["cuhk01: single shot, split 1", "cuhk01: multi shot, split 1"]
    single, multi = table[["recall@1", "mAP", "mAP_trapezoid", "mAP_authors_2017"]].to_numpy()
    share = single[0] / 100  # of the draws of image 3
    assert 0.3 < share < 0.7
    assert single == pytest.approx([100 * share, 50 + 50 * share, 25 + 75 * share, 0], abs=1e-3)
    trapezoid = (1 + (2 / 4 + 1 / 3) / 2) / 2, (1 / 4 + (2 / 3 + 1 / 2) / 2) / 2
    authors = 1 / 2, 1 / 4
    expected = 1 / 2, ((1 + 2 / 4) + (1 / 2 + 2 / 3)) / 4, sum(trapezoid) / 2, sum(authors) / 2
    assert multi == pytest.approx(100 * np.array(expected), abs=1e-3)


def test_data_without_junk_have_no_variant_with_junk(market):
    next((market / "bounding_box_test").glob("-1*")).unlink()
    assert include_junk(read_dataset(market)) is None
    assert len(list(find_variants(read_dataset(market)))) == 3
    for path in (market / "bounding_box_test").glob("0000*"):
        path.unlink()
    assert len(list(find_variants(read_dataset(market)))) == 2


@pytest.mark.slow
def test_command(market, checkpoint, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["reproduce", "variants", "--data", "small", "--checkpoint", str(checkpoint)]) == 0
    assert "mAP_authors_2017 as in the paper" in capsys.readouterr().out
    folder = tmp_path / "runs" / "reproduce-variants"
    assert {path.suffix for path in folder.iterdir()} == {".txt", ".csv", ".tex", ".json"}
    table = pd.read_csv(folder / f"small-{checkpoint.name}.csv")
    assert table.columns.tolist() == ["method", "source", *METRICS] and len(table) == 4
    assert table["source"].str.startswith("the paper").tolist() == [True, False, False, False]
    assert main(["reproduce", "variants", "--data", "small"]) == 2
    assert "Choose a model with --checkpoint" in capsys.readouterr().err
