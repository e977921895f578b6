"""The copy of a gallery on a server: send, search, send changes, delete."""

import shutil
import time

import numpy as np
import pytest
from conftest import draw_person
from orders import assert_same_order

from core.cli.main import main
from core.data.records import Record
from core.errors import UserError
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery, delete_gallery, find_gallery, rename_gallery
from core.galleries.gallery_folder import StoredGallery
from core.galleries.update import describe_gallery
from core.jobs.job import Busy
from core.jobs.progress import FAILED, FINISHED, STOPPED, Progress
from core.milvus.server import Server
from core.milvus.sync import Copy, delete_copy, launch, read_copy, send


@pytest.fixture
def station(checkpoint, tmp_path, monkeypatch):
    """Create a gallery of twelve images of four identities from three cameras; Milvus cannot use its name."""
    monkeypatch.setenv("MR_BCNN_GALLERIES", str(tmp_path / "galleries"))
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(12):
        _draw(folder, number)
    gallery = create_gallery("my station 1", tmp_path / "galleries", checkpoint)
    add_folder(gallery, folder)
    describe_gallery(gallery, "cpu")
    return gallery


def _draw(folder, number):
    name = f"{number // 3 + 1:04d}_c{number % 3 + 1}s1_000{number:03d}_00.png"
    draw_person(number // 3, number % 3, number).save(folder / name)


def fingerprint(gallery):
    return gallery.model["fingerprint"]


def ask(gallery, row, **filters):
    return read_copy(gallery).search(gallery, fingerprint(gallery), gallery.open().descriptors[row], 50, **filters)


def assert_same_ranking(gallery, row, **filters):
    expected, found = (
        gallery.open().search(gallery.open().descriptors[row], 50, **filters),
        ask(gallery, row, **filters),
    )
    assert_same_order(found["path"], map(str, expected["path"]), expected["score"])
    assert len(found)
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-6)


def test_search_of_the_copy_equals_search_of_the_gallery(station, milvus):
    assert read_copy(station) is None
    assert send(station, milvus.uri) == 12
    copy = read_copy(station)
    assert copy.collection.startswith("my_station_1_") and copy.images == 12 and copy.is_current(station)
    assert station.sending.state == FINISHED and send(station, milvus.uri) == 0
    here = station.open()
    record = Record(here.paths[4], str(here.identities[4]), int(here.cameras[4]))
    for filters in ({}, {"cameras": [1, 3]}, {"probe": record}):
        assert_same_ranking(station, 4, **filters)
    assert str(record.path) not in set(ask(station, 4, probe=record)["path"])


def test_read_copy_of_an_earlier_version(tmp_path):
    gallery = StoredGallery(tmp_path / "mine")
    gallery.sending.folder.mkdir(parents=True)
    (gallery.sending.folder / "status.json").write_text(
        """{"pid": 7, "machine": "m", "heartbeat": 30.0, "state": "finished", "message": "", "done": 12, "total": 12,
            "resumed": 0, "began": 10.0, "collections": {"http://a:1": "mine_1"}, "copy": {"uri": "http://a:1",
            "collection": "mine_1", "version": "000001", "fingerprint": "f", "pictures": 12, "index": "FLAT"}}"""
    )
    assert read_copy(gallery) == Copy("http://a:1", "mine_1", "000001", "f", 12, "FLAT")
    assert gallery.sending.progress == Progress(FINISHED, 12, 12)


def test_send_after_a_change(station, milvus, tmp_path):
    send(station, milvus.uri)
    first = read_copy(station)
    (tmp_path / "images" / "0001_c1s1_000000_00.png").unlink()
    for number in (12, 13):
        _draw(tmp_path / "images", number)
    station.ask()
    describe_gallery(station, "cpu")
    assert not first.is_current(station)
    assert send(station, milvus.uri) >= 2  # positions in the gallery, which are stored, may have changed too
    assert read_copy(station).collection == first.collection and read_copy(station).images == 13
    assert_same_ranking(station, 3)
    assert len(ask(station, 3)) == 13  # removed images are removed from the server


def test_renamed_gallery_has_the_same_copy(station, milvus):
    send(station, milvus.uri)
    renamed = rename_gallery(station, "elsewhere")
    assert_same_ranking(renamed, 2)
    assert send(renamed, milvus.uri) == 0


def test_search_with_another_model_raises(station, milvus):
    send(station, milvus.uri)
    with pytest.raises(UserError, match="another model"):
        read_copy(station).search(station, "other", station.open().descriptors[0])


def test_stopped_sending_resumes(station, milvus, monkeypatch):
    from core.milvus.gallery import MilvusGallery

    push = MilvusGallery.push
    monkeypatch.setattr(MilvusGallery, "push", lambda self, *given, **more: push(self, *given, batch=5, **more))
    assert send(station, milvus.uri, on_progress=lambda done, total: station.sending.stop()) == 0
    assert station.sending.state == STOPPED and read_copy(station) is None
    assert send(station, milvus.uri) == 2 and read_copy(station).images == 12


def test_send_without_server_raises(station, milvus, monkeypatch):
    monkeypatch.setattr(Server, "insist", Server.ask)  # without waiting for the server
    with pytest.raises(UserError, match="No Milvus server answers"):
        send(station, "http://127.0.0.1:9")
    assert station.sending.state == FAILED and "No Milvus server" in station.sending.read()["message"]
    with pytest.raises(UserError, match="MILVUS_TOKEN"):
        send(station, "http://ann:secret@127.0.0.1:9")
    with pytest.raises(UserError, match="There is no index"):
        send(station, milvus.uri, "IVF")
    assert station.sending.state == FAILED and read_copy(station) is None
    send(station, milvus.uri)
    assert station.sending.state == FINISHED


def test_launch(station, milvus):
    launch(station, milvus.uri, "HNSW")
    with pytest.raises(Busy):
        launch(station, milvus.uri)
    with pytest.raises(Busy):
        delete_gallery(station)
    end = time.monotonic() + 120
    while station.sending.state != FINISHED and time.monotonic() < end:
        time.sleep(0.2)
    assert read_copy(station).index == "HNSW"
    assert_same_ranking(station, 1)


def test_commands(station, milvus, capsys):
    assert main(["gallery", "send", station.name, "--uri", milvus.uri]) == 0
    assert "12 images as my_station_1_" in capsys.readouterr().out
    assert main(["gallery", "withdraw", station.name]) == 0
    assert "deleted my station" in capsys.readouterr().out and read_copy(find_gallery(station.name)) is None
    assert main(["gallery", "withdraw", station.name]) == 0
    assert "is on no server" in capsys.readouterr().out


def test_push_stores_the_model_of_a_named_gallery(station, checkpoint, milvus, tmp_path, capsys):
    image, other = str(next((tmp_path / "images").iterdir())), shutil.copytree(checkpoint, tmp_path / "other")
    (other / "config.json").write_text((other / "config.json").read_text() + " ")  # its fingerprint differs
    where = ["--uri", milvus.uri, "--name", "pushed_by_name"]
    assert main(["milvus", "push", station.name, *where]) == 0
    try:
        assert main(["milvus", "search", str(checkpoint), image, *where]) == 0
        assert main(["milvus", "search", str(other), image, *where]) == 2
        assert "described by another model" in capsys.readouterr().err
    finally:
        main(["milvus", "drop", *where])


def test_withdraw(station, milvus):
    from core.milvus.gallery import MilvusGallery

    send(station, milvus.uri)
    copy = read_copy(station)
    delete_copy(station)
    assert read_copy(station) is None and len(MilvusGallery(copy.uri, copy.collection)) == 0
    assert send(station, milvus.uri) == 12
