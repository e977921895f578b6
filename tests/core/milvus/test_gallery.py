"""Galleries on a Milvus server that these tests start."""

import os
import sys
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pandas as pd
import pytest
from milvus_servers import MilvusServer
from orders import assert_same_order

from core.cli.main import main
from core.data.records import Record
from core.errors import UserError
from core.milvus import server as milvus_server
from core.milvus.gallery import MilvusGallery
from core.milvus.rows import expression, identifier
from core.milvus.server import MAX_RESULTS
from core.search.filters import choose
from core.search.gallery import Gallery

PEOPLE = ['a"b\\c', "x'y", "ü", ""]


def random_unit(count, numbers=24, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, numbers)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make(count=300, dtype=np.float32, seed=0):
    rows = random_unit(count, seed=seed)
    rows[40:43] = rows[min(7, count - 1)]
    numbers = range(count)
    return Gallery(
        rows.astype(dtype),
        [f"é/{i}.jpg" for i in numbers],
        [PEOPLE[i % 4] for i in numbers],
        [i % 3 for i in numbers],
        [None if i % 5 == 0 else 1000.5 + i for i in numbers],
    )


def assert_same(found, expected):
    """Assert that tables have the same rows; only rows with nearly equal scores may be in another order."""
    assert found.columns.equals(expected.columns) and found["rank"].equals(expected["rank"])
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-6)
    tables = [table if "probe" in table else table.assign(probe=0) for table in (found, expected)]
    for probe in tables[1]["probe"].unique():
        own, theirs = (table[table["probe"] == probe] for table in tables)
        assert_same_order(own["path"], theirs["path"], theirs["score"])
    tables = [
        table.drop(columns=["rank", "score"]).sort_values(["probe", "path"], ignore_index=True) for table in tables
    ]
    pd.testing.assert_frame_equal(*tables)


@pytest.fixture
def remote(milvus, request):
    remote = MilvusGallery(milvus.uri, request.node.originalname)
    yield remote
    remote.drop()


FILTERS = [
    {},
    {"cameras": [1, 2]},
    {"cameras": []},
    {"identities": [PEOPLE[0], "ü", "nobody"]},
    {"between": (1010, 1100.5)},
    {"between": (None, "1970-01-01T00:17:30")},
    {"between": (None, None)},
    {"probe": Record(Path("é/44.jpg"), PEOPLE[0], 2)},
    {"probe": Record(Path("é/44.jpg"), PEOPLE[0], 0)},
    {"cameras": [2], "identities": [PEOPLE[0]], "between": (1000, None), "probe": Record(Path("x"), PEOPLE[0], 2)},
]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_search_equals_gallery_search(remote, dtype):
    gallery = make(dtype=dtype)
    assert len(remote) == 0
    assert remote.push(gallery, batch=128) == 300 == len(remote)
    for probe in (gallery.descriptors[7].astype(np.float32), random_unit(2, seed=9)):
        for filters in FILTERS:
            assert_same(remote.search(probe, 25, **filters), gallery.search(probe, 25, **filters))
    probes, records = random_unit(3, seed=4), [Record(Path(f"é/{i}.jpg"), "ü", 1) for i in range(3)]
    for filters in ({}, {"cameras": [0, 1]}, {"probes": records, "identities": iter(["ü", ""])}):
        kept = {name: list(value) for name, value in filters.items()}
        assert_same(remote.search_each(probes, 9, **kept), gallery.search_each(probes, 9, **kept))
    assert remote.search_each(np.empty((0, 24))).empty


def test_expressions_by_hand():
    assert expression(choose()) == ""
    wanted = choose([1, 2], ['a"b'], (None, 5), Record(Path("p.jpg"), "x", 3))
    assert expression(wanted).split(" and ") == [
        "camera in [1, 2]",
        'identity in ["a\\"b"]',
        "time is not null",
        "time <= 5.0",
        f'id != "{identifier("p.jpg")}"',
        '(identity != "x" or camera not in [3])',
    ]
    placed = choose(probe=Record(Path("p.jpg"), "x", 3, place=(3, 5)))
    assert expression(placed).endswith('(identity != "x" or camera not in [3, 5])')


def test_push_sends_only_new_and_changed_rows(remote):
    gallery = make()
    remote.push(gallery)
    assert remote.push(gallery) == 0
    gallery.descriptors[5] = random_unit(1, seed=3)[0]
    gallery.cameras[6] = 9
    assert remote.push(gallery) == 2 and len(remote) == 300
    assert_same(remote.search(gallery.descriptors[5], 3), gallery.search(gallery.descriptors[5], 3))
    more = make(310)
    assert remote.push(more) == 12 and len(remote) == 310


def test_push_with_remove(remote):
    remote.push(make(1500))
    fewer = make(3)
    assert remote.push(fewer) == 0 and len(remote) == 1500
    assert remote.push(fewer, remove=True) == 0 and len(remote) == 3
    assert_same(remote.search(random_unit(1, seed=8)[0]), fewer.search(random_unit(1, seed=8)[0]))


def test_indexes_and_recall(remote):
    gallery = make(1000)
    assert remote.push(gallery, "HNSW") == 1000 and remote.index == "HNSW"
    probes = random_unit(20, seed=5)
    found = remote.recall(gallery, probes, 10)
    both = [set(one.search(probe, 10)["path"]) for probe in probes for one in (gallery, remote)]
    assert found == pytest.approx(sum(len(a & b) for a, b in zip(both[::2], both[1::2], strict=True)) / 200)
    assert 0.5 < found <= 1
    assert remote.push(gallery, "FLAT") == 0 and remote.index == "FLAT"
    assert remote.recall(gallery, probes, 10) == 1


@pytest.mark.server
def test_push_when_the_server_dies(tmp_path):
    server = MilvusServer(tmp_path)
    gallery, remote = make(2000), MilvusGallery(server.uri, "dying", patience=120)
    reported, middle, dead = [], Event(), Event()

    def on_progress(count):
        reported.append(count)
        if len(reported) == 5:
            middle.set()
            assert dead.wait(60)

    pushed = []
    work = Thread(target=lambda: pushed.append(remote.push(gallery, batch=100, on_progress=on_progress)))
    work.start()
    try:
        assert middle.wait(120)
        server.kill()
        dead.set()  # the push waits for the server
        server.start()
        work.join(240)
        assert pushed and pushed[0] >= 2000  # lost rows were sent again
        assert len(remote) == 2000 and sum(reported) == 2000
        probe = random_unit(1, seed=8)[0]
        assert_same(remote.search(probe, 2000), gallery.search(probe, 2000))  # no row is missing or duplicated
        server.kill()
        server.start()
        assert len(remote) == 2000 and remote.push(gallery) == 0
    finally:
        dead.set()
        server.kill()


def test_interrupted_push_resumes(remote):
    gallery, reported = make(1000), []

    def on_progress(count):
        reported.append(count)
        if len(reported) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remote.push(gallery, batch=100, on_progress=on_progress)
    assert len(remote) == 400
    assert remote.push(gallery, batch=100) == 600 and len(remote) == 1000


def test_no_server_raises(capsys, tmp_path):
    make(3).save(tmp_path / "gallery.npz")
    assert main(["milvus", "push", str(tmp_path / "gallery.npz"), "--uri", "http://ann:secret@127.0.0.1:9"]) == 2
    error = capsys.readouterr().err
    sentence = [line for line in error.splitlines() if line.startswith("error:")]
    assert len(sentence) == 1 and "No Milvus server answers at http://127.0.0.1:9" in sentence[0]
    assert "on this machine can be searched" in sentence[0] and "secret" not in error and "Traceback" not in error
    for uri in ("nonsense", "http://127.0.0.1:99999"):
        with pytest.raises(UserError, match="write it like http://localhost:19530"):
            len(MilvusGallery(uri))
    with pytest.raises(UserError, match="is not a valid address; write it") as error:
        len(MilvusGallery("http://ann:pa/ss@127.0.0.1:9"))
    assert "pa" not in str(error.value).replace("Milvus", "")


def test_token_is_not_shown(monkeypatch):
    pymilvus = pytest.importorskip("pymilvus")
    given = []
    monkeypatch.setattr(pymilvus, "MilvusClient", lambda uri, token, **options: given.append(token) or _Away())
    monkeypatch.setenv(milvus_server.TOKEN_VARIABLE, "s3cret")
    for token, expected in ((None, "s3cret"), ("other", "other")):
        with pytest.raises(UserError) as error:
            len(MilvusGallery("http://127.0.0.1:9", token=token))
        assert given.pop() == expected and expected not in str(error.value)


class _Away:
    def has_collection(self, name):
        import pymilvus

        raise pymilvus.MilvusException(2, "Fail connecting to server")


def test_invalid_input_raises(remote):
    gallery = make(20)
    with pytest.raises(UserError, match="no such gallery"):
        remote.search(gallery.descriptors[0])
    remote.push(gallery)
    with pytest.raises(UserError, match="length 24, but these have length 8. Delete it"):
        remote.push(Gallery(np.eye(8), [str(i) for i in range(8)]))
    with pytest.raises(UserError, match="24 values and the probe's has 8.*same model"):
        remote.search(np.ones(8))
    with pytest.raises(UserError, match="at most 16,384 results"):
        remote.search(gallery.descriptors[0], MAX_RESULTS + 1)
    with pytest.raises(UserError, match="2 descriptors needs a record; got 1"):
        remote.search_each(gallery.descriptors[:2], probes=[Record(Path("a"))])
    with pytest.raises(UserError, match="no index 'IVF'; use FLAT or HNSW"):
        remote.push(gallery, "IVF")
    with pytest.raises(UserError, match="more than once"):
        remote.push(Gallery(np.eye(24)[:2], ["a", "a"]))
    for path in (os.fsdecode(b"caf\xe9.jpg"), "a" * 5000):
        with pytest.raises(UserError, match="Rename it"):
            remote.push(Gallery(np.eye(24)[:1], [path]))
    with pytest.raises(UserError, match="letters, digits and _"):
        MilvusGallery("http://localhost:1", "two words")


def test_descriptors_of_another_model_raise(milvus, remote):
    gallery = make(5)
    mine, other = (MilvusGallery(milvus.uri, remote.name, model=model) for model in ("f1", "f2"))
    mine.push(gallery)
    for call in (lambda: other.push(gallery), lambda: other.search(gallery.descriptors[0])):
        with pytest.raises(UserError, match="described by another model. Use that model"):
            call()
    assert mine.push(gallery) == 0 and len(mine.search(gallery.descriptors[0])) == 5
    assert len(remote.search(gallery.descriptors[0])) == 5  # of an unknown model


def test_a_collection_without_a_model_is_accepted(milvus, remote):
    remote.push(make(5))
    mine = MilvusGallery(milvus.uri, remote.name, model="f1")
    assert mine.push(make(6)) == 1 and len(mine.search(make(5).descriptors[0])) == 6


def test_other_collection_raises(milvus, capsys):
    remote = MilvusGallery(milvus.uri, "of_another_program")
    remote.server.ask(lambda client: client.create_collection(remote.name, dimension=24))
    try:
        with pytest.raises(UserError, match="was not created by"):
            remote.push(make(5))
        assert main(["milvus", "drop", "--uri", milvus.uri, "--name", remote.name]) == 2
        assert "was not created by" in capsys.readouterr().err
        assert remote.server.ask(lambda client: client.has_collection(remote.name))
    finally:
        remote.server.ask(lambda client: client.drop_collection(remote.name))


def test_without_pymilvus(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(UserError, match="pip install pymilvus==3.0.2"):
        len(MilvusGallery("http://localhost:19530"))


def test_the_commands(milvus, tmp_path, capsys, checkpoint, market):
    folder, name = market / "bounding_box_test", ["--uri", milvus.uri, "--name", "by_command"]
    file, image = str(tmp_path / "gallery.npz"), str(next(iter(sorted(folder.iterdir()))))
    assert main(["embed", str(checkpoint), str(folder), "--output", file]) == 0
    assert main(["milvus", "push", file, "--index", "HNSW", *name]) == 0
    assert "12 images, 12 of them new or changed, HNSW" in capsys.readouterr().out
    for output, command in (
        ("a.json", ["milvus", "search", str(checkpoint), image, *name]),
        ("b.json", ["search", str(checkpoint), file, image]),
    ):
        assert main([*command, "--top", "3", "--json", str(tmp_path / output)]) == 0
    remote, embedded = (pd.read_json(tmp_path / name) for name in ("a.json", "b.json"))
    assert_same(remote, embedded)
    capsys.readouterr()
    assert main(["milvus", "recall", file, "--top", "5", *name]) == 0
    assert capsys.readouterr().out == "recall@5 of HNSW against exact search: 100.00 %, 12 probes from the gallery\n"
    assert main(["milvus", "drop", *name]) == 0
    assert ": 12 images\n" in capsys.readouterr().out
    assert main(["milvus", "drop", *name]) == 2
    assert "There is no gallery by_command" in capsys.readouterr().err
    assert main(["milvus", "search", str(checkpoint), image, *name]) == 2
