import shutil

import numpy as np

from core.galleries.cache import cache_folder, load_or_describe, ship_gallery
from core.inference.model import load
from core.search.gallery import Gallery


def test_from_folder_and_cache(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = load(checkpoint)
    gallery = Gallery.from_folder(market, model)
    assert len(gallery) == 12 and set(gallery.identities) == {"0005", "0006", "0007", "0008"}
    described = []
    first = load_or_describe(market, model, checkpoint, on_progress=described.append)
    second = load_or_describe(market, model, checkpoint, on_progress=described.append)
    assert sum(described) == 12  # once
    assert np.array_equal(first.descriptors, second.descriptors)
    np.testing.assert_allclose(first.descriptors, gallery.descriptors, atol=1e-6)


def test_the_cache_knows_content_and_mends_itself(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "gallery"
    shutil.copytree(market / "bounding_box_test", folder)
    model, described = load(checkpoint), []
    load_or_describe(folder, model, checkpoint, on_progress=described.append)
    first, second, *_ = sorted(folder.iterdir())
    shutil.copy(second, first)  # another image under the same name
    load_or_describe(folder, model, checkpoint, on_progress=described.append)
    assert sum(described) == 24
    for file in (cache_folder() / "galleries").glob("*/descriptors.npy"):
        file.write_bytes(b"cut off")
    assert len(load_or_describe(folder, model, checkpoint, on_progress=described.append)) == 12
    assert sum(described) == 36


def test_gallery_is_there_where_no_cache_can_be_written(market, checkpoint, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(load_or_describe(market, load(checkpoint), checkpoint)) == 12


def test_a_gallery_comes_with_its_checkpoint(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model, mine = load(checkpoint), shutil.copytree(checkpoint, tmp_path / "mine")
    ship_gallery(market, model, mine)
    elsewhere = shutil.copytree(market, tmp_path / "elsewhere")  # content counts, not the place
    described = []
    gallery = load_or_describe(elsewhere, model, mine, on_progress=described.append)
    assert described == [] and not (tmp_path / "cache").exists()
    assert set(gallery.paths) == {str(path) for path in (elsewhere / "bounding_box_test").iterdir()}
    np.testing.assert_allclose(gallery.descriptors, Gallery.from_folder(elsewhere, model).descriptors, atol=1e-3)
    probes = load_or_describe(elsewhere, model, mine, on_progress=described.append, probes=True)
    assert described == [] and set(probes.paths) == {str(path) for path in (elsewhere / "query").iterdir()}
