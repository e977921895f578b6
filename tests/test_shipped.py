"""What is shipped does what its cards say, and stays small."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.shared.settings import DEFAULT_MODEL
from core.cli.main import main
from core.data.cuhk03 import classic_split
from core.data.datasets import read_dataset
from core.data.records import Dataset, Record
from core.evaluation.person_check import read_person_check
from core.galleries.cache import gallery_name, load_or_describe
from core.inference.checkpoint import load_checkpoint
from core.inference.model import load
from core.inference.overlap import Overlap
from core.inference.provenance import hash_identities
from core.presets import fast
from core.projection.cached_maps import MAPS, map_name
from core.projection.projector import Projector

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
    assert result["tested_identities"] == stated["tested_identities"]
    assert (result["tested_identities"]["tested"], result["tested_identities"]["seen"]) == (210, 0)


def test_the_model_of_cuhk03_knows_whom_it_was_trained_on():
    """It was trained on a seeded split: with the official test sets at hand, most of their people are in its record."""
    provenance = load_checkpoint(ROOT / "checkpoints" / "cuhk03-mr_bcnn").provenance
    assert [record.checkpoint for record in provenance.records] == ["cuhk03-mr_bcnn", "street-mr_bcnn"]
    pool = [
        Record(Path(f"{pair}_{person:03d}_{view}_01.png"), f"{pair}_{person:03d}", 2 * (pair - 1) + view)
        for pair, people in ((1, 843), (2, 440), (3, 77))
        for person in range(1, people + 1)
        for view in (1, 2)
    ]
    seeded = Dataset(ROOT, "cuhk03-detected", pool=pool)
    drawn = classic_split(seeded, 1)
    assert provenance.overlap(hash_identities(seeded, drawn.tested)) == Overlap(100)
    official = [f"1_{person:03d}" for person in range(1, 101)]
    seen = len(set(official) - {record.identity for record in drawn.query})
    split = classic_split(replace(seeded, test_sets=[official]), 1)
    assert provenance.overlap(hash_identities(seeded, split.tested)).seen == seen > 80


@pytest.mark.slow
@pytest.mark.parametrize("name", [DEFAULT_MODEL, "pedestrians-mr_bcnn", "pedestrians-b_cnn"])
def test_a_model_comes_with_the_demo_gallery(name, tmp_path, monkeypatch):
    """The page need not describe 1,613 images first; and the descriptors that came along are the right ones."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = ROOT / "checkpoints" / name
    model, described = load(folder), []
    gallery = load_or_describe(ROOT / "assets" / "pedestrians", model, folder, on_progress=described.append)
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
    configurations = [
        json.loads((ROOT / "checkpoints" / f"pedestrians-{name}" / "config.json").read_text())
        for name in ("mr_bcnn", "b_cnn", "cnn")
    ]
    assert all(one["training"] == configurations[0]["training"] for one in configurations)
    assert all(one["data"] == configurations[0]["data"] for one in configurations)
    assert configurations[0]["training"]["preset"] == fast("mr_bcnn")[1].preset


@pytest.mark.parametrize("folder", CHECKPOINTS, ids=lambda path: path.name)
def test_the_person_check_flags_a_grey_image_and_no_demo_probe_of_ten(folder):
    model, probes = load(folder), sorted((ROOT / "assets" / "pedestrians" / "query").iterdir())[::80]
    check, about = read_person_check(folder)
    assert check.flags(model.describe(np.full((160, 60, 3), 128, np.uint8))).all()
    assert not check.flags(model.describe(probes)).any()
    assert about.sentence in (folder / "card.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", CHECKPOINTS, ids=lambda path: path.name)
def test_checkpoints_stay_below_12_megabytes(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 12e6
    assert not [path.name for path in folder.rglob("*") if path.suffix in (".pt", ".pth", ".pkl", ".bin")]


def test_demo_data_stay_below_25_megabytes():
    assert sum(path.stat().st_size for path in (ROOT / "assets" / "pedestrians").rglob("*") if path.is_file()) < 25e6
