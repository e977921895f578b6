"""What is shipped does what its cards say, and stays small."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.places import DEFAULT_MODEL
from core.cli import main
from core.config import fast
from core.data.layout import read_dataset
from core.describe import load
from core.explain.maps import MAPS, map_name
from core.explain.projection import Projector
from core.search.cache import cached_gallery, gallery_name

ROOT = Path(__file__).parents[1]
CHECKPOINTS = sorted(path for path in (ROOT / "checkpoints").iterdir() if path.is_dir())
COLOUR_FLOOR = {"recall@1": 43.0, "mAP": 30.5}  # bench/colour_floor.py, which the tests need not repeat


def test_the_three_architectures_are_shipped():
    assert {f"pedestrians-{name}" for name in ("mr_bcnn", "b_cnn", "cnn")} <= {path.name for path in CHECKPOINTS}


@pytest.mark.slow
@pytest.mark.parametrize("folder", CHECKPOINTS, ids=lambda path: path.name)
def test_a_checkpoint_repeats_the_figures_of_its_card(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", str(folder), str(ROOT / "assets" / "pedestrians"), "--json", "r.json"]) == 0
    result = json.loads((tmp_path / "r.json").read_text())
    stated = json.loads((folder / "metrics.json").read_text())["results"]["pedestrians"]
    for name in ("recall@1", "recall@5", "mAP", "mINP"):
        assert result[name] == pytest.approx(stated[name], abs=0.3)  # a probe or two may change rank on another machine
        assert f"{name} {stated[name]:.2f} %" in (folder / "card.md").read_text()
    assert all(result[name] > floor for name, floor in COLOUR_FLOOR.items())


@pytest.mark.slow
@pytest.mark.parametrize("name", [DEFAULT_MODEL, "pedestrians-mr_bcnn", "pedestrians-b_cnn"])
def test_a_model_comes_with_the_demo_gallery(name, tmp_path, monkeypatch):
    """The page need not describe 1,613 pictures first; and the descriptors that came along are the right ones."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = ROOT / "checkpoints" / name
    model, described = load(folder), []
    gallery = cached_gallery(ROOT / "assets" / "pedestrians", model, folder, advance=described.append)
    assert len(gallery) == 1613 and described == []
    some = slice(None, None, 100)
    np.testing.assert_allclose(gallery.descriptors[some], model.describe(list(gallery.paths[some])), atol=1e-3)


@pytest.mark.parametrize("name", [DEFAULT_MODEL, "pedestrians-mr_bcnn", "pedestrians-b_cnn", "pedestrians-cnn"])
def test_a_model_comes_with_maps_of_the_demo_data(name):
    """The page Embedding shows UMAP at once: the file is found under the name that the page looks for."""
    folder, dataset = ROOT / "checkpoints" / name, read_dataset(ROOT / "assets" / "pedestrians")
    content = gallery_name(dataset.searchable + dataset.query, dataset.root, folder)
    for dimensions in (2, 3):
        coordinates = Projector.open(folder / MAPS / map_name(content, Projector("umap", dimensions))).coordinates
        assert coordinates.shape == (1613 + 732, dimensions)


def test_the_three_were_trained_alike():
    configurations = [json.loads((ROOT / "checkpoints" / f"pedestrians-{name}" / "config.json").read_text())
                      for name in ("mr_bcnn", "b_cnn", "cnn")]  # fmt: skip
    assert all(one["training"] == configurations[0]["training"] for one in configurations)
    assert all(one["data"] == configurations[0]["data"] for one in configurations)
    assert configurations[0]["training"]["preset"] == fast("mr_bcnn")[1].preset


@pytest.mark.parametrize("folder", CHECKPOINTS, ids=lambda path: path.name)
def test_checkpoints_stay_below_12_megabytes(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 12e6
    assert not [path.name for path in folder.rglob("*") if path.suffix in (".pt", ".pth", ".pkl", ".bin")]


def test_demo_data_stay_below_25_megabytes():
    assert sum(path.stat().st_size for path in (ROOT / "assets" / "pedestrians").rglob("*") if path.is_file()) < 25e6
