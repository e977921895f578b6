"""The images of a gallery and their names in links."""

import shutil
from pathlib import Path

import pytest

from app.shared import texts
from app.shared.images import names_in_links, read_images, spread_out
from app.shared.url_params import unknown_in_link
from core.data.records import Record
from core.errors import UserError


def test_names_are_file_names_where_they_are_unique():
    paths = [Path("/d/one/a.jpg"), Path("/d/two/a.jpg"), Path("/d/two/b.jpg")]
    assert list(names_in_links(paths, Path("/d")).values()) == ["one/a.jpg", "two/a.jpg", "b.jpg"]


def test_demo_probes_have_different_identities_of_the_gallery():
    gallery = [Record(Path(f"g{person}"), f"{person:04d}", 1) for person in range(30)]
    candidates = [
        Record(Path(f"q{person}_{camera}"), f"{person:04d}", camera) for person in range(40) for camera in (1, 2)
    ]
    chosen = spread_out(candidates, gallery, 10)
    identities = [record.identity for record in chosen]
    assert len(set(identities)) == 10 and identities == sorted(identities)
    assert "distractor" not in identities and max(identities) < "0030"
    assert {record.camera for record in chosen} == {1, 2}


def test_market_folder(people):
    found = read_images(people)
    assert found.cameras == [1, 2, 3] and len(found.gallery) == 14
    assert all(found.names[record.path] == name for name, record in found.records.items())


def test_flat_folder_has_probes_and_no_cameras(people, tmp_path):
    (tmp_path / "flat").mkdir()
    for number, file in enumerate(sorted((people / "query").iterdir())):
        shutil.copy(file, tmp_path / "flat" / f"{number}.png")
    found = read_images(tmp_path / "flat")
    assert found.cameras == [] and len(found.probes) == 10


def test_empty_folder_gives_an_error(tmp_path):
    with pytest.raises(UserError):
        read_images(tmp_path)


def test_unknown_values_in_a_link():
    link = {"top": ["20"], "cameras": ["1", "9"], "model": ["<b>"]}
    sentences = unknown_in_link(
        {"top": [10, 20], "cameras": [1, 2], "model": [], "rule": []}, lambda name: link.get(name, [])
    )
    assert sentences == [
        texts.UNKNOWN_VALUE.format(name="cameras", value="9", known="1, 2"),
        texts.UNKNOWN_VALUE.format(name="model", value="<b>", known=texts.NO_VALUES),
    ]
