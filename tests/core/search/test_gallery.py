import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from orders import assert_same_order

from core.data.records import Record
from core.errors import UserError
from core.search import nearest_index
from core.search.gallery import Gallery
from core.search.probe_descriptor import mean_descriptor


def random_unit(count, numbers=16, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, numbers)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make(count=30, **options):
    return Gallery(
        random_unit(count),
        [f"{i}.jpg" for i in range(count)],
        options.get("identities", [str(i % 7) for i in range(count)]),
        options.get("cameras", [1 + i % 3 for i in range(count)]),
    )


def test_search_equals_full_sort():
    gallery, probe = make(), random_unit(1, seed=5)[0]
    ranking = gallery.search(probe, top=10)
    scores = gallery.descriptors.astype(np.float64) @ probe
    order = np.argsort(-scores)
    assert ranking.columns.tolist() == ["rank", "score", "path", "identity", "camera"]
    assert_same_order(ranking["path"], [f"{i}.jpg" for i in order], scores[order], top=10)
    assert ranking["rank"].tolist() == list(range(1, 11))
    np.testing.assert_allclose(ranking["score"], scores[order[:10]], atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("many", [0, 2**24])
def test_search_of_large_gallery_equals_full_sort(monkeypatch, dtype, many):
    monkeypatch.setattr(nearest_index, "MIN_VALUES_FOR_INT8", many)  # 0: with an int8 first pass
    rows = random_unit(4000, 40).astype(dtype)
    copies = [7, 90, 2000, 3999]  # equal rows keep the order of the gallery
    rows[copies] = rows[2000]
    gallery = Gallery(
        rows,
        [f"{i}.jpg" for i in range(4000)],
        [str(i % 50) for i in range(4000)],
        [1 + i % 3 for i in range(4000)],
        range(4000),
    )
    for probe in (rows[2000].astype(np.float32), random_unit(1, 40, seed=9)[0]):
        scores = rows.astype(np.float64) @ probe
        order = np.argsort(-scores, kind="stable")
        for options, kept in [
            ({}, order),
            ({"cameras": [1, 3]}, order[order % 3 != 1]),
            ({"between": (500, None)}, order[order >= 500]),
            ({"identities": ["0", "7"]}, order[np.isin(order % 50, [0, 7])]),
            (
                {"probe": Record(Path("90.jpg"), "40", 1)},
                order[(order != 90) & ~((order % 50 == 40) & (order % 3 == 0))],
            ),
        ]:
            for top in (1, 20, 5000):
                ranking = gallery.search(probe, top, **options)
                found = [int(path.removesuffix(".jpg")) for path in ranking["path"]]
                assert_same_order(found, kept, scores[kept], top)
                equal = [position for position in found if position in copies]
                assert equal == [position for position in copies if position in kept][: len(equal)]
                assert ranking["score"][np.isin(found, copies)].nunique() <= 1
                np.testing.assert_allclose(ranking["score"], scores[kept[:top]] / np.linalg.norm(probe), atol=1e-6)
    assert (gallery._index._codes is None) == (many > 0)  # both ways were used


@pytest.mark.parametrize("options", [{}, {"cameras": [1, 3]}, {"probe": Record(Path("90.jpg"), "40", 1)}])
def test_search_also_equals_full_sort(options):
    rows = random_unit(3000, 40)
    rows[[7, 90, 2999]] = rows[2000]
    rows[[8, 2500]] = np.nan  # they rank last
    gallery = Gallery(
        rows, [f"{i}.jpg" for i in range(3000)], [str(i % 50) for i in range(3000)], [1 + i % 3 for i in range(3000)]
    )
    also = np.isin(np.arange(3000), [7, 8, 40, 90, 190, 2000, 2500, 2999]) | (gallery.identities == "40")
    for probe in (rows[2000], random_unit(1, 40, seed=9)[0]):
        whole = gallery.search(probe, 3000, **options)
        assert gallery.count(**options) == len(whole)
        for top in (1, 20, 5000):
            found = gallery.search(probe, top, **options, also=also)
            is_also = whole["path"].isin([f"{i}.jpg" for i in np.flatnonzero(also)])
            expected = whole[(whole["rank"] <= top) | is_also].reset_index(drop=True)
            pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert gallery.search(probe, 20, also=np.zeros(3000, bool))["rank"].tolist() == list(range(1, 21))


@pytest.mark.parametrize("many", [0, 2**24])
@pytest.mark.parametrize("top", [0, -1])
def test_search_for_no_result(monkeypatch, many, top):
    monkeypatch.setattr(nearest_index, "MIN_VALUES_FOR_INT8", many)  # 0: with an int8 first pass
    gallery, probe = make(), random_unit(1, seed=5)
    assert len(gallery.search(probe[0], top)) == len(gallery.search_each(probe, top)) == 0


@pytest.mark.parametrize("many", [0, 2**24])
def test_probe_of_length_0_ranks_nan_rows_last(monkeypatch, many):
    monkeypatch.setattr(nearest_index, "MIN_VALUES_FOR_INT8", many)
    rows = random_unit(300)
    rows[[0, 5]] = np.nan
    ranking = Gallery(rows, [str(i) for i in range(300)]).search(np.zeros(16), 3)
    assert ranking["path"].tolist() == ["1", "2", "3"] and (ranking["score"] == 0).all()


def test_search_each_equals_search():
    gallery, probes = make(), random_unit(4, seed=2)
    records = [Record(Path(f"{i}.jpg"), str(i), 1) for i in range(4)]
    together = gallery.search_each(probes, top=6, cameras=[1, 2], probes=records)
    assert together.columns.tolist() == ["probe", "rank", "score", "path", "identity", "camera"]
    for number, (probe, record) in enumerate(zip(probes, records, strict=True)):
        alone = gallery.search(probe, top=30, cameras=[1, 2], probe=record)
        own = together[together["probe"] == number].drop(columns="probe").reset_index(drop=True)
        assert_same_order(own["path"], alone["path"], alone["score"], top=6)
        assert own.columns.equals(alone.columns) and own["rank"].equals(alone["rank"][:6])
        np.testing.assert_allclose(own["score"], alone["score"][:6], atol=1e-6)
    assert gallery.search_each(np.empty((0, 16))).columns.tolist() == together.columns.tolist()
    with pytest.raises(UserError, match="4 descriptors needs a record; got 1"):
        gallery.search_each(probes, probes=records[:1])


def test_mapped_arrays_are_not_copied(tmp_path):
    for dtype in (np.float32, np.float16):
        np.save(tmp_path / "rows.npy", random_unit(9).astype(dtype))
        mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
        gallery = Gallery(mapped, np.array(list("abcdefghi")))
        assert np.shares_memory(gallery.descriptors, mapped)
        assert gallery.search(random_unit(1)[0], top=1)["path"].tolist() == ["a"]


def test_file_names_that_are_not_utf8():
    path = Path(os.fsdecode(b"caf\xe9.jpg"))
    assert Gallery(random_unit(1), [path]).search(random_unit(1)[0])["path"].tolist() == [str(path)]


def test_time_column():
    ranking = Gallery(np.eye(2), ["a", "b"], times=[None, "1970-01-01T00:01:00"]).search(np.float32([0, 1]))
    assert ranking.columns.tolist()[-1] == "time" and ranking["time"].tolist()[0] == 60
    assert np.isnan(ranking["time"].tolist()[1])
    records = [Record(Path("a"), "1", 2), Record(Path("b"), time=5.0)]
    np.testing.assert_array_equal(Gallery.from_records(np.eye(2), records).times, [np.nan, 5])


def test_equal_scores_keep_the_order_of_the_gallery():
    gallery = Gallery(np.repeat(random_unit(1), 5, axis=0), list("abcde"))
    assert gallery.search(random_unit(1)[0], top=3)["path"].tolist() == ["a", "b", "c"]


def test_cameras_and_the_same_camera_rule():
    gallery, probe = make(), random_unit(1, seed=5)[0]
    assert set(gallery.search(probe, top=100, cameras=[2])["camera"]) == {2}
    assert len(gallery.search(probe, top=100)) == 30
    ranking = gallery.search(probe, top=100, probe=Record(Path("3.jpg"), "3", 1))
    excluded = set(gallery.paths) - set(ranking["path"])
    assert excluded == {f"{i}.jpg" for i in range(30) if i % 7 == 3 and i % 3 == 0} | {"3.jpg"}
    assert len(gallery.search(probe, cameras=[])) == 0
    placed = gallery.search(probe, top=100, probe=Record(Path("3.jpg"), "3", 1, place=(1, 2)))
    assert set(gallery.paths) - set(placed["path"]) == {f"{i}.jpg" for i in range(30) if i % 7 == 3 and i % 3 < 2}


def test_mean_descriptor():
    two = random_unit(2, seed=1)
    np.testing.assert_allclose(mean_descriptor(two), two.sum(0) / np.linalg.norm(two.sum(0)), rtol=1e-6)
    gallery = make()
    together, by_hand = gallery.search(two), gallery.search(two.mean(0))
    assert_same_order(together["path"], by_hand["path"], by_hand["score"])
    np.testing.assert_allclose(together["score"], by_hand["score"], atol=1e-6)


def test_invalid_galleries_and_probes_raise():
    with pytest.raises(UserError, match="gallery is empty"):
        Gallery(np.empty((0, 16)), [])
    with pytest.raises(UserError, match="as many"):
        Gallery(random_unit(3), ["a"])
    with pytest.raises(UserError, match="same model"):
        make().search(np.ones(8))
    with pytest.raises(UserError, match="not numbers"):
        make().search(np.full(16, np.nan))


@pytest.mark.parametrize("name", ["described", "gallery.npz"])  # the second is the format of earlier versions
def test_save_and_open(tmp_path, name):
    gallery = make()
    gallery.save(tmp_path / "sub" / name)
    again = Gallery.open(tmp_path / "sub" / name)
    for field in ("descriptors", "paths", "identities", "cameras", "times"):
        np.testing.assert_array_equal(getattr(gallery, field), getattr(again, field))
    assert [path.name for path in (tmp_path / "sub").iterdir()] == [name]
    (tmp_path / "other.npz").write_bytes(b"no")
    with pytest.raises(UserError, match="not a gallery"):
        Gallery.open(tmp_path / "other.npz")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_open_truncated_file_raises(tmp_path, share):
    file = tmp_path / "gallery.npz"
    Gallery(np.eye(3), ["a", "b", "c"]).save(file)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(UserError, match="is not a gallery"):
        Gallery.open(file)
