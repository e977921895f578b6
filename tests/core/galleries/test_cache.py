import json
import shutil

import numpy as np
import pandas as pd

from core.data import loading
from core.data.records import DISTRACTOR
from core.errors import UserError
from core.folders import cache_folder
from core.galleries import cache
from core.galleries.adding import add_folder
from core.galleries.cache import load_or_describe, ship_gallery
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery
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
    assert sum(described) == 12  # only the first time
    assert np.array_equal(first.descriptors, second.descriptors)
    np.testing.assert_allclose(first.descriptors, gallery.descriptors, atol=1e-6)


def test_times_are_those_of_the_data_set(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder, model, described = tmp_path / "gallery", load(checkpoint), []
    shutil.copytree(market / "bounding_box_test", folder)
    (folder / "dataset.toml").write_text('table = "labels.csv"\n')
    names = sorted(path.name for path in folder.glob("*.png"))
    for first in (1000, 2000):
        rows = [f"{name},{name[:4]},{1 + row % 2},{first + row}" for row, name in enumerate(names)]
        (folder / "labels.csv").write_text("\n".join(["path,identity,camera,time", *rows]))
        gallery = load_or_describe(folder, model, checkpoint, on_progress=described.append)
        assert sorted(gallery.times) == list(range(first, first + 12))
        assert len(gallery.search(gallery.descriptors[0], between=(first, first + 2))) == 3
    assert sum(described) == 12  # only the first time


def test_changed_images_and_damaged_files_are_described_again(market, checkpoint, tmp_path, monkeypatch):
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
        file.write_bytes(b"damaged")
    assert len(load_or_describe(folder, model, checkpoint, on_progress=described.append)) == 12
    assert sum(described) == 36


def test_an_unreadable_image_is_skipped_with_the_reason(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = shutil.copytree(market / "bounding_box_test", tmp_path / "gallery")
    closed, model, reasons = min(folder.iterdir()), load(checkpoint), []

    def refusing(read):
        def refuse(path):
            if path == closed:
                raise UserError(f"There is no permission to read {path}.")
            return read(path)

        return refuse

    with monkeypatch.context() as patch:
        for module, name in ((cache, "read_content"), (loading, "open_image")):
            patch.setattr(module, name, refusing(getattr(module, name)))
        gallery = load_or_describe(folder, model, checkpoint, on_error=lambda path, why: reasons.append(why))
    assert len(gallery) == 11 and reasons == [f"There is no permission to read {closed}."]
    assert len(load_or_describe(folder, model, checkpoint)) == 12  # as soon as it can be read


def test_load_without_writeable_cache(market, checkpoint, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(load_or_describe(market, load(checkpoint), checkpoint)) == 12


def test_ship_gallery(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model, copy = load(checkpoint), shutil.copytree(checkpoint, tmp_path / "copy")
    ship_gallery(market, model, copy)
    elsewhere = shutil.copytree(market, tmp_path / "elsewhere")  # only the content counts, not the path
    described = []
    gallery = load_or_describe(elsewhere, model, copy, on_progress=described.append)
    assert described == [] and not (tmp_path / "cache").exists()
    assert set(gallery.paths) == {str(path) for path in (elsewhere / "bounding_box_test").iterdir()}
    np.testing.assert_allclose(gallery.descriptors, Gallery.from_folder(elsewhere, model).descriptors, atol=1e-3)
    probes = load_or_describe(elsewhere, model, copy, on_progress=described.append, probes=True)
    assert described == [] and set(probes.paths) == {str(path) for path in (elsewhere / "query").iterdir()}


def test_distractors_of_earlier_versions(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = shutil.copytree(market, tmp_path / "market")
    image = next((folder / "bounding_box_test").iterdir())
    shutil.copy(image, image.with_name("0000_c1s1_000001_01.png"))
    model, described = load(checkpoint), []
    load_or_describe(folder, model, checkpoint)
    [stored] = (cache_folder() / "galleries").iterdir()
    earlier = pd.read_parquet(stored / "records.parquet").replace({"identity": {DISTRACTOR: "0000"}})
    assert "0000" in set(earlier["identity"])
    earlier.to_parquet(stored / "records.parquet", index=False)
    gallery = load_or_describe(folder, model, checkpoint, on_progress=described.append)
    assert described == [] and "0000" not in gallery.identities and DISTRACTOR in gallery.identities


def test_distractors_of_a_named_gallery_of_an_earlier_version(market, checkpoint, tmp_path, monkeypatch):
    image = next((market / "bounding_box_test").iterdir())
    folder = tmp_path / "images"
    folder.mkdir()
    shutil.copy(image, folder / "0000_c1s1_000001_01.png")
    gallery = create_gallery("mine", tmp_path / "galleries", checkpoint)
    add_folder(gallery, folder)
    describe_gallery(gallery, "cpu")
    assert gallery.records()["identity"].tolist() == [DISTRACTOR]
    records, model = gallery.version / "records.parquet", gallery.version / "model.json"
    pd.read_parquet(records).assign(identity="0000").to_parquet(records, index=False)
    assert gallery.records()["identity"].tolist() == ["0000"]  # a person, in a version of today
    model.write_text(
        json.dumps({key: value for key, value in json.loads(model.read_text()).items() if key != "distractor"})
    )
    assert gallery.records()["identity"].tolist() == [DISTRACTOR]
