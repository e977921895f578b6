"""The experiment `baselines` on tiny data."""

import numpy as np
import pandas as pd
import pytest
from benchmarks import write_viper
from conftest import draw_person
from scipy.spatial.distance import cdist

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.splits import half_split
from core.paper import baselines
from core.paper.baselines import euclidean, read_descriptors

pytestmark = pytest.mark.slow


@pytest.fixture
def viper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_viper(tmp_path / "VIPeR")


def test_table(viper, capsys, monkeypatch):
    arguments = ["reproduce", "baselines", "--data", str(viper), "--splits", "2"]
    assert main(arguments) == 0
    assert "split 2, LOMO+DiscrNullSpace: rank-1" in capsys.readouterr().out
    table = pd.read_csv("runs/reproduce-baselines/viper-table.csv")
    assert table["method"].tolist()[-2:] == ["LOMO+XQDA", "LOMO+DiscrNullSpace"]
    assert table["source"].tolist() == ["published"] * 2 + ["this project"] * 2
    assert table.loc[table["source"] == "published", "recall@1"].tolist() == [40.0, 42.28]
    assert table["recall@5"].tolist()[-1] == 100  # four test identities
    assert len(pd.read_csv("runs/reproduce-baselines/viper-curves.csv")) == 50
    monkeypatch.setattr(baselines.lomo, "lomo", lambda image: pytest.fail("the descriptors are stored"))
    assert main(arguments) == 0


def test_at_most_some_training_images(viper, capsys):
    assert main(["reproduce", "baselines", "--data", str(viper), "--splits", "1", "--images", "6"]) == 0
    assert "split 1: 2 training images are not used" in capsys.readouterr().out
    assert len(pd.read_csv("runs/reproduce-baselines/viper-6-images-table.csv")) == 4


def test_changed_image_is_described_again(viper, tmp_path):
    dataset = read_dataset(viper)
    split = half_split(dataset, 1)
    before = read_descriptors(dataset, [split], tmp_path / "kept")(split.query)
    draw_person(99, 1, 0).save(split.query[0].path)
    after = read_descriptors(dataset, [split], tmp_path / "kept")(split.query)
    np.testing.assert_array_equal(before[1:], after[1:])
    assert np.abs(before[0] - after[0]).max() > 0.01 and after.dtype == np.float32


def test_scores_are_negative_distances():
    random = np.random.default_rng(0)
    query, gallery = random.normal(size=(4, 3)), random.normal(size=(5, 3))
    scores = euclidean(query, gallery)(slice(1, 3))
    np.testing.assert_allclose(scores, -(cdist(query[1:3], gallery) ** 2))
