"""Many probes, each by itself, by an example worked by hand."""

import numpy as np
import pytest
from PIL import Image

from core.errors import UserError
from core.search.each_probe import list_probes, rank_each
from core.search.gallery import Gallery

GALLERY = Gallery(np.array([[1, 0], [0.6, 0.8], [0, 1]]), ["a.png", "b.png", "c.png"], ["1", "2", "3"], [1, 2, 1])


def test_each_probe_has_a_ranking_of_its_own():
    table = rank_each(GALLERY, np.array([[1, 0], [0, 1]]), ["x.png", "y.png"], top=2)
    assert list(table.itertuples(index=False, name=None)) == [
        ("x.png", 1, "a.png", "1", 1, pytest.approx(1)),
        ("x.png", 2, "b.png", "2", 2, pytest.approx(0.6)),
        ("y.png", 1, "c.png", "3", 1, pytest.approx(1)),
        ("y.png", 2, "b.png", "2", 2, pytest.approx(0.8)),
    ]
    assert list(table) == ["probe", "rank", "path", "identity", "camera", "score"]


def test_filters_hold_for_each_probe():
    table = rank_each(GALLERY, np.array([[1, 0], [0, 1]]), ["x.png", "y.png"], cameras=[2])
    assert table[["probe", "path"]].to_numpy().tolist() == [["x.png", "b.png"], ["y.png", "b.png"]]
    assert rank_each(GALLERY, np.array([[1, 0]]), ["x.png"], cameras=[9]).empty


def test_a_folder_is_all_its_images(tmp_path):
    for name in ("b.png", "a.png", "deep/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 8)).save(tmp_path / name)
    (tmp_path / "note.txt").write_text("no image")
    alone = tmp_path / "b.png"
    assert list_probes([alone, tmp_path]) == [alone, tmp_path / "a.png", alone, tmp_path / "deep/c.jpg"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty has no images"):
        list_probes([tmp_path / "empty"])
