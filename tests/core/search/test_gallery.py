from pathlib import Path

import numpy as np
import pytest

from core.data.records import Record
from core.describe import load
from core.errors import UserError
from core.search import gallery as gallery_module
from core.search.gallery import Gallery, cached_gallery, mean_descriptor, ship_gallery


def random_unit(count, numbers=16, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, numbers)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make(count=30, **options):
    return Gallery(random_unit(count), [f"{i}.jpg" for i in range(count)],
                   options.get("identities", [str(i % 7) for i in range(count)]),
                   options.get("cameras", [1 + i % 3 for i in range(count)]))  # fmt: skip


def test_search_equals_sorting_everything():
    gallery, probe = make(), random_unit(1, seed=5)[0]
    ranking = gallery.search(probe, top=10)
    order = np.argsort(-(gallery.descriptors @ probe), kind="stable")[:10]
    assert ranking.columns.tolist() == ["rank", "score", "path", "identity", "camera"]
    assert ranking["path"].tolist() == [f"{i}.jpg" for i in order]
    assert ranking["rank"].tolist() == list(range(1, 11))
    np.testing.assert_allclose(ranking["score"], (gallery.descriptors @ probe)[order], rtol=1e-6)


def test_equal_scores_keep_the_order_of_the_gallery():
    gallery = Gallery(np.repeat(random_unit(1), 5, axis=0), list("abcde"))
    assert gallery.search(random_unit(1)[0], top=3)["path"].tolist() == ["a", "b", "c"]


def test_cameras_and_the_same_camera_rule():
    gallery, probe = make(), random_unit(1, seed=5)[0]
    assert set(gallery.search(probe, top=100, cameras=[2])["camera"]) == {2}
    assert len(gallery.search(probe, top=100)) == 30
    ruled = gallery.search(probe, top=100, probe=Record(Path("3.jpg"), "3", 1))
    gone = set(gallery.paths) - set(ruled["path"])
    assert gone == {f"{i}.jpg" for i in range(30) if i % 7 == 3 and i % 3 == 0} | {"3.jpg"}
    assert len(gallery.search(probe, cameras=[])) == 0


def test_several_pictures_of_one_person():
    two = random_unit(2, seed=1)
    np.testing.assert_allclose(mean_descriptor(two), two.sum(0) / np.linalg.norm(two.sum(0)), rtol=1e-6)
    gallery = make()
    assert gallery.search(two).equals(gallery.search(two.mean(0)))


def test_bad_galleries_and_probes_are_told():
    with pytest.raises(UserError, match="gallery is empty"):
        Gallery(np.empty((0, 16)), [])
    with pytest.raises(UserError, match="as many"):
        Gallery(random_unit(3), ["a"])
    with pytest.raises(UserError, match="same model"):
        make().search(np.ones(8))


def test_saved_and_opened_again(tmp_path):
    gallery = make()
    gallery.save(tmp_path / "sub" / "gallery.npz")
    again = Gallery.open(tmp_path / "sub" / "gallery.npz")
    for name in ("descriptors", "paths", "identities", "cameras"):
        assert np.array_equal(getattr(gallery, name), getattr(again, name))
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["gallery.npz"]
    (tmp_path / "other.npz").write_bytes(b"no")
    with pytest.raises(UserError, match="not a gallery"):
        Gallery.open(tmp_path / "other.npz")


def test_from_folder_and_cache(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = load(checkpoint)
    gallery = Gallery.from_folder(market, model)
    assert len(gallery) == 12 and set(gallery.identities) == {"0005", "0006", "0007", "0008"}
    described = []
    first = cached_gallery(market, model, checkpoint, advance=described.append)
    second = cached_gallery(market, model, checkpoint, advance=described.append)
    assert sum(described) == 12  # once
    assert np.array_equal(first.descriptors, second.descriptors)
    np.testing.assert_allclose(first.descriptors, gallery.descriptors, atol=1e-6)


def test_the_cache_knows_content_and_mends_itself(market, checkpoint, tmp_path, monkeypatch):
    import shutil

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "gallery"
    shutil.copytree(market / "bounding_box_test", folder)
    model, described = load(checkpoint), []
    cached_gallery(folder, model, checkpoint, advance=described.append)
    first, second, *_ = sorted(folder.iterdir())
    shutil.copy(second, first)  # another picture under the same name
    cached_gallery(folder, model, checkpoint, advance=described.append)
    assert sum(described) == 24
    for file in (gallery_module.cache_folder() / "galleries").iterdir():
        file.write_bytes(b"cut off")
    assert len(cached_gallery(folder, model, checkpoint, advance=described.append)) == 12
    assert sum(described) == 36


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_cut_off_file_is_refused(tmp_path, share):
    file = tmp_path / "gallery.npz"
    Gallery(np.eye(3), ["a", "b", "c"]).save(file)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(UserError, match="is not a gallery"):
        Gallery.open(file)


def test_gallery_is_there_where_no_cache_can_be_written(market, checkpoint, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(cached_gallery(market, load(checkpoint), checkpoint)) == 12


def test_a_gallery_comes_with_its_checkpoint(market, checkpoint, tmp_path, monkeypatch):
    import shutil

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model, mine = load(checkpoint), shutil.copytree(checkpoint, tmp_path / "mine")
    ship_gallery(market, model, mine)
    elsewhere = shutil.copytree(market, tmp_path / "elsewhere")  # content counts, not the place
    described = []
    gallery = cached_gallery(elsewhere, model, mine, advance=described.append)
    assert described == [] and not (tmp_path / "cache").exists()
    assert set(gallery.paths) == {str(path) for path in (elsewhere / "bounding_box_test").iterdir()}
    np.testing.assert_allclose(gallery.descriptors, Gallery.from_folder(elsewhere, model).descriptors, atol=1e-3)
    probes = cached_gallery(elsewhere, model, mine, advance=described.append, probes=True)
    assert described == [] and set(probes.paths) == {str(path) for path in (elsewhere / "query").iterdir()}
