"""Named galleries: create, add, update, rename, delete, and errors."""

import errno
import io
import os
import shutil
from zipfile import ZipFile

import numpy as np
import pytest
from conftest import draw_person, write_market

from core.errors import UserError
from core.evaluation.prediction_job import FIRST_RESULTS, find_prediction
from core.galleries import update
from core.galleries.adding import add_folder, add_uploads, add_zip
from core.galleries.catalog import (
    create_gallery,
    delete_gallery,
    extend_gallery,
    find_gallery,
    list_galleries,
    rename_gallery,
    stored_gallery,
)
from core.galleries.gallery_folder import GALLERY, StoredGallery
from core.galleries.indexed_version import MODEL
from core.galleries.overview import near_duplicates, overview
from core.galleries.sources import list_sources, remove_source
from core.galleries.update import describe_gallery
from core.inference.checkpoint import Checkpoint, fingerprint, save_checkpoint
from core.inference.model import Model, load
from core.json_file import read_json, write_json
from core.models.network import build_network


@pytest.fixture
def root(tmp_path):
    return tmp_path / "galleries"


@pytest.fixture
def counted(monkeypatch):
    """Names of the described images, in order."""
    names, describe = [], Model.describe_records

    def describe_records(self, records, **options):
        names.extend(record.path.name for record in records)
        return describe(self, records, **options)

    monkeypatch.setattr(Model, "describe_records", describe_records)
    return names


def content(identity=1, format="PNG") -> bytes:
    file = io.BytesIO()
    draw_person(identity, 1, 0).save(file, format)
    return file.getvalue()


def zipped(file, **entries):
    with ZipFile(file, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/").replace("_png", ".png"), data)
    return file


def names(gallery) -> list[str]:
    return [path.rpartition("/")[2] for path in gallery.records()["path"]]


def test_gallery_of_a_folder_zips_and_uploads(root, market, checkpoint, tmp_path):
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    add_zip(gallery, zipped(tmp_path / "z.zip", all__anna__1_png=content(20), all__ben__2_png=content(21)), "folder")
    with (tmp_path / "z.zip").open("rb") as file:
        add_zip(gallery, file, "none", name="from the page.zip")
    add_uploads(gallery, [("x.png", content(22))], table=b"path,identity,camera,time\nx.png,eva,3,99\n")
    describe_gallery(gallery)
    records = gallery.records()
    assert len(records) == 12 + 2 + 2 + 1 and gallery.progress.state == "finished" and gallery.progress.share == 1
    assert list(records["identity"][12:]) == ["anna", "ben", "", "", "eva"]
    assert records["camera"].iloc[-1] == 3 and records["time"].iloc[-1] == 99
    searched = gallery.open(fingerprint(checkpoint))
    assert isinstance(searched.descriptors.base, np.memmap) or isinstance(searched.descriptors, np.memmap)
    assert searched.times[-1] == 99 and np.isnan(searched.times[0])
    expected = load(checkpoint, "cpu").describe(list(searched.paths))
    np.testing.assert_allclose(searched.descriptors, expected, atol=1e-5)
    assert searched.search(expected[-1], 1)["identity"][0] == "eva"
    assert [source.kind for source in list_sources(gallery)] == ["folder", "zip", "zip", "uploads"]
    assert not list((gallery.folder / "sources").glob("*.zip")) and not (gallery.folder / "blocks").exists()
    assert not list((gallery.folder / "sources").glob(".arriving*"))


def test_update_describes_only_new_and_changed_images(root, checkpoint, tmp_path, counted):
    market = write_market(tmp_path / "market")
    folder = market / "bounding_box_test"
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    describe_gallery(gallery)
    before, version = gallery.open(), gallery.version
    assert len(counted) == 12
    describe_gallery(gallery)
    assert len(counted) == 12 and gallery.version == version  # nothing is new: no new version
    images = sorted(folder.iterdir())
    draw_person(9, 1, 1).save(images[3])
    images[5].unlink()
    draw_person(9, 2, 1).save(folder / "0009_c2s1_000901_01.png")
    describe_gallery(gallery)
    assert sorted(counted[12:]) == sorted([images[3].name, "0009_c2s1_000901_01.png"])
    after = gallery.open()
    assert gallery.version != version and len(after) == 12
    assert set(map(str, after.paths)) == {str(path) for path in folder.iterdir()}
    rows = {path: row for row, path in enumerate(before.paths)}
    for row, path in enumerate(after.paths):
        same = path in rows and np.array_equal(after.descriptors[row], before.descriptors[rows[path]])
        assert same == (path.rpartition("/")[2] not in counted[12:])
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(UserError, match="no gallery images"):  # the data set's other folders still have images
        describe_gallery(gallery)
    assert len(gallery.records()) == 12 and gallery.progress.state == "failed"


def test_update_of_empty_and_missing_folder(root, checkpoint, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    draw_person(1, 1, 1).save(folder / "a.png")
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, folder)
    describe_gallery(gallery)
    shutil.move(folder, tmp_path / "away")
    with pytest.raises(UserError, match="no folder"):
        describe_gallery(gallery)
    assert len(gallery.records()) == 1
    folder.mkdir()
    describe_gallery(gallery)
    assert gallery.progress.state == "finished" and len(gallery.records()) == 0
    with pytest.raises(UserError, match="gallery is empty"):
        gallery.open()
    assert overview(gallery, near=True).health.images == 0


def test_update_reads_labels_without_describing(root, checkpoint, tmp_path, counted):
    folder, table = tmp_path / "images", tmp_path / "people.csv"
    folder.mkdir()
    draw_person(1, 1, 1).save(folder / "a.png")
    table.write_text("path,identity\na.png,anna\n")
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, folder, table=table)
    describe_gallery(gallery)
    table.write_text("path,identity\na.png,eva\n")
    describe_gallery(gallery)
    assert list(gallery.open().identities) == ["eva"] and counted == ["a.png"]
    add_folder(gallery, folder, "none")  # the same folder with other labels
    describe_gallery(gallery)
    assert list(gallery.open().identities) == [""] and counted == ["a.png"] and len(list_sources(gallery)) == 1


def test_unreadable_images_are_skipped_with_a_reason(root, checkpoint, tmp_path):
    folder = tmp_path / "mixed"
    (folder / "below").mkdir(parents=True)
    draw_person(1, 1, 1).save(folder / "good.png")
    draw_person(2, 1, 1).save(os.fsencode(folder / "below") + b"/caf\xe9.png")
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("hello")
    (folder / "cut.png").write_bytes(content()[:200])
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "notes.txt").write_text("hello")
    (folder / "film.jpg").mkdir()
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, folder, "none")
    describe_gallery(gallery)
    found = gallery.open()
    assert len(found) == 2 and "caf" in found.paths[0] and found.paths[1] == str(folder / "good.png")
    ranking = found.search(load(checkpoint, "cpu").describe(found.paths[0]), 1)  # its file can be opened
    assert "caf" in ranking.to_json() and ranking["score"][0] == pytest.approx(1, abs=1e-5)  # its name can be written
    skipped = {name.rpartition("/")[2]: why for name, why in gallery.skipped()}
    assert set(skipped) == {"empty.jpg", "text.jpg", "cut.png", "gone.png"} and all(skipped.values())
    assert "not an image" in skipped["empty.jpg"] and "No such file" in skipped["gone.png"]
    assert overview(gallery).health.unreadable == gallery.skipped()


def test_uploads_with_equal_and_invalid_names(root, checkpoint):
    gallery = create_gallery("mine", root, checkpoint)
    files = [
        ("a.png", content(1)),
        ("a.png", content(2)),
        ("a.png", content(1)),
        ("b/a.png", content(3)),
        ("../x.png", content(4)),
        ("/etc/x.png", content(4)),
        ("notes.txt", b"x"),
        ("\0.png", b"x"),
        ("zero.png", b""),
        (f"{'n' * 300}.png", content(5)),
    ]
    skipped = dict(add_uploads(gallery, (file for file in files), "none"))
    assert "the same" in skipped["a.png"] and "absolute" in skipped["/etc/x.png"]
    assert "contains '..'" in skipped["../x.png"]
    assert "not named" in skipped["notes.txt"] and "not a valid file name" in skipped["\\x00.png"] and len(skipped) == 6
    describe_gallery(gallery)
    assert names(gallery) == ["a.png", "a_2.png", "a.png"]
    assert {name.rpartition("/")[2] for name, _ in gallery.skipped()} == {
        *(name.rpartition("/")[2] for name in skipped),
        "zero.png",
    }
    with pytest.raises(UserError, match="None of the uploads is an image: t.txt is not named like"):
        add_uploads(gallery, [("t.txt", b"")])


def test_invalid_zip_is_not_added(root, checkpoint, tmp_path):
    gallery = create_gallery("mine", root, checkpoint)
    add_uploads(gallery, [("a.png", content())])
    describe_gallery(gallery)
    add_zip(gallery, zipped(tmp_path / "z.zip", a_png=content()), table=b"path\nelsewhere.png\n")
    with pytest.raises(UserError, match="names no image.*; it was not added"):
        describe_gallery(gallery)
    assert gallery.progress.state == "failed" and "not added" in gallery.progress.message
    describe_gallery(gallery)
    assert names(gallery) == ["a.png"] and not (gallery.folder / "sources" / "002").exists()
    for bad, why in (
        (io.BytesIO(b"hello"), "^mine.zip is not a zip"),
        (tmp_path / "no.zip", "no zip file"),
        (zipped(tmp_path / "e.zip", notes=b""), "no image in e.zip"),
    ):
        with pytest.raises(UserError, match=why):
            add_zip(gallery, bad, name="mine.zip")
    assert len(list_sources(gallery)) == 1 and not list((gallery.folder / "sources").glob(".*"))


def test_update_with_another_model(root, market, checkpoint, tmp_path, counted):
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    describe_gallery(gallery)
    other = tmp_path / "other"
    save_checkpoint(Checkpoint(build_network("cnn", filters=3, descriptor=20)), other)
    with pytest.raises(UserError, match="indexed by tiny, .*`python -m core gallery update mine --model other`"):
        gallery.open(fingerprint(other), "other")
    with pytest.raises(UserError, match="is indexed by the model tiny, not by other.*gallery update mine --model"):
        create_gallery("mine", root, other)
    gallery.ask(other)
    assert gallery.open(fingerprint(checkpoint)).descriptors.shape == (12, 500)  # until the update
    describe_gallery(gallery)
    assert gallery.open(fingerprint(other)).descriptors.shape == (12, 20) and len(counted) == 24
    save_checkpoint(Checkpoint(build_network("b_cnn", filters=3, descriptor=20)), other)
    draw_person(1, 1, 1).save(tmp_path / "new.png")
    add_uploads(gallery, [("new.png", content())])
    with pytest.raises(UserError, match="other has changed.*gallery update mine --model"):
        describe_gallery(gallery)


def test_rename_delete_list_and_find(root, market, checkpoint):
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    add_uploads(gallery, [("a.png", content())])
    describe_gallery(gallery)
    create_gallery("another one", root, checkpoint)
    renamed = rename_gallery(gallery, "yours")
    assert [found.name for found in list_galleries(root)] == ["another one", "yours"] and not gallery.exists
    assert all(os.path.exists(path) for path in renamed.open().paths)  # the uploads were moved as well
    with pytest.raises(UserError, match="is a gallery another one already"):
        rename_gallery(renamed, "another one")
    for bad in ("", "..", "a/b", ".hidden", "x" * 61, "a\n", "-x", "dot."):
        with pytest.raises(UserError, match="cannot be a gallery's name"):
            create_gallery(bad, root, checkpoint)
    with pytest.raises(UserError, match="no gallery mine. .*gallery list"):
        find_gallery("mine", root)
    searching = renamed.open()
    delete_gallery(find_gallery("yours", root))
    assert len(searching.search(searching.descriptors[0])) == 13  # an open gallery can still be searched
    with pytest.raises(UserError, match="no gallery yours any more"):
        renamed.open()
    assert [path.name for path in root.iterdir() if path.is_dir()] == ["another one"] and market.exists()


def test_key_of_a_reused_name(root, market, checkpoint):
    def describe() -> StoredGallery:
        gallery = create_gallery("mine", root, checkpoint)
        add_folder(gallery, market / "query")
        describe_gallery(gallery)
        return gallery

    assert create_gallery("mine", root, checkpoint).key is None
    first = describe().key
    assert StoredGallery(root / "mine").key == first
    delete_gallery(StoredGallery(root / "mine"))
    gallery = describe()
    os.utime(gallery.version, ns=(first[2], first[2]))  # a clock that was set back
    assert gallery.key[1:] == first[1:] and gallery.key[0] != first[0]
    second = gallery.key
    add_uploads(gallery, [("x.png", content(22))])
    describe_gallery(gallery)
    assert gallery.key[0] == second[0] and gallery.key[1] != second[1]
    assert rename_gallery(gallery, "yours").id != second[0]
    with pytest.raises(UserError, match="no gallery mine any more"):
        _ = gallery.id


def test_gallery_of_an_earlier_version(root, market, checkpoint):
    gallery = create_gallery("mine", root, checkpoint)
    write_json(gallery.folder / GALLERY, {"model": gallery.model, "sources": [], "asked": 0})
    add_folder(gallery, market / "query")
    describe_gallery(gallery)
    assert len(gallery.open()) == 12 and gallery.key == gallery.key and str(gallery.folder) in gallery.id
    file = gallery.version / MODEL
    model = read_json(file)
    model["pictures"] = model.pop("images")  # the key in earlier versions
    write_json(file, model)
    assert gallery.images == 12


def test_gallery_cannot_be_changed_during_an_update(root, checkpoint):
    gallery = create_gallery("mine", root, checkpoint)
    with pytest.raises(UserError, match="not indexed yet. Index it with `python -m core gallery update mine`"):
        gallery.open()
    with gallery.job.claim():
        gallery.job.write(state="running", done=3, total=4, resumed=1, began=0, heartbeat=10)
        assert gallery.progress.share == 0.75 and gallery.progress.seconds_left == 5
        for refuse in (lambda: rename_gallery(gallery, "x"), lambda: delete_gallery(gallery)):
            with pytest.raises(UserError, match=r"The gallery mine is being indexed \(process"):
                refuse()
        with pytest.raises(UserError, match="not indexed yet. Wait"):
            gallery.open()
    assert gallery.progress.state == "lost"


def test_deleting_a_gallery_deletes_the_predictions_for_it(root, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("MR_BCNN_RUNS", str(tmp_path / "runs"))
    galleries = [create_gallery(name, root, checkpoint) for name in ("mine", "yours")]
    predictions = [find_prediction(checkpoint, gallery.folder) for gallery in galleries]
    for prediction, gallery in zip(predictions, galleries, strict=True):
        prediction.folder.mkdir(parents=True)
        prediction.write(data=str(gallery.folder.resolve()))
        (prediction.folder / FIRST_RESULTS).write_text("probe,result\na.png,b.png\n")
    delete_gallery(galleries[0])
    assert [prediction.folder.exists() for prediction in predictions] == [False, True]


def test_extend_gallery_deletes_new_gallery_after_an_error(root, market, checkpoint, tmp_path):
    with pytest.raises(UserError, match="There is no gallery mine. `--model CHECKPOINT` creates one"):
        with extend_gallery("mine", root, None):
            pass
    with pytest.raises(UserError, match="no folder"), extend_gallery("mine", root, checkpoint) as gallery:
        add_folder(gallery, tmp_path / "nowhere")
    assert not list_galleries(root)
    with extend_gallery("mine", root, checkpoint) as gallery:
        add_folder(gallery, market)
    with pytest.raises(UserError, match="no folder"), extend_gallery("mine", root, None) as gallery:
        add_folder(gallery, tmp_path / "nowhere")
    assert len(list_sources(find_gallery("mine", root))) == 1


def test_stopped_update_resumes(root, market, checkpoint, monkeypatch, counted):
    monkeypatch.setattr(update, "IMAGES_PER_BLOCK", 5)
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    describe_gallery(gallery, on_progress=lambda done, total: gallery.job.stop())
    assert gallery.progress.state == "stopped" and (gallery.progress.done, gallery.progress.total) == (5, 12)
    described = []
    describe_gallery(gallery, on_progress=lambda done, total: described.append((done, total)))
    assert described == [(10, 12), (12, 12)] and len(counted) == 12 and len(gallery.records()) == 12


def test_update_includes_images_added_meanwhile(root, market, checkpoint):
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    describe_gallery(
        gallery, on_progress=lambda done, total: total == 12 and add_uploads(gallery, [("a.png", content())])
    )
    assert len(gallery.records()) == 13


def test_remove_source(root, market, checkpoint, counted):
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    add_uploads(gallery, [("a.png", content())])
    describe_gallery(gallery)
    with pytest.raises(UserError, match="no source 7; it has 1, 2"):
        remove_source(gallery, 7)
    remove_source(gallery, 2)
    describe_gallery(gallery)
    assert len(gallery.records()) == 12 and len(counted) == 13 and not (gallery.folder / "sources/002").exists()


def test_damaged_version_or_block_is_described_again(root, market, checkpoint, monkeypatch, counted):
    monkeypatch.setattr(update, "IMAGES_PER_BLOCK", 5)
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    describe_gallery(gallery, on_progress=lambda done, total: gallery.job.stop())
    block = gallery.folder / "blocks/000000.npz"
    block.write_bytes(block.read_bytes()[:1000])
    describe_gallery(gallery)
    assert len(counted) == 5 + 12
    file = gallery.version / "descriptors.npy"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(UserError, match="is damaged"):
        gallery.open()
    describe_gallery(gallery)
    assert len(counted) == 5 + 12 + 12 and len(gallery.open()) == 12


def test_the_assumed_code_page_of_a_zip_is_noted_at_each_update(root, checkpoint, tmp_path):
    file = zipped(tmp_path / "z.zip", cafX_png=content(20))
    file.write_bytes(file.read_bytes().replace(b"cafX", b"caf\x82"))
    gallery = create_gallery("mine", root, checkpoint)
    add_zip(gallery, file, "none")
    for _ in range(2):
        describe_gallery(gallery)
        assert names(gallery) == ["café.png"]
        assert [note for note in gallery.notes() if "cp437 (Western European, DOS)" in note]


@pytest.mark.parametrize("reader", ["numpy.load", "pandas.read_parquet"])
def test_files_that_the_system_refuses_to_read_are_kept(root, market, checkpoint, monkeypatch, counted, reader):
    monkeypatch.setattr(update, "IMAGES_PER_BLOCK", 5)
    gallery = create_gallery("mine", root, checkpoint)
    add_folder(gallery, market)
    describe_gallery(gallery)
    add_uploads(gallery, [(f"{number}.png", content(number)) for number in range(40, 47)], "none")
    describe_gallery(gallery, on_progress=lambda done, total: gallery.job.stop())
    (block,), version = (gallery.folder / "blocks").glob("*.npz"), gallery.version

    def refuse(*arguments, **options):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as skipped:
        skipped.setattr(reader, refuse)
        with pytest.raises(UserError, match="cannot be read: Too many open files"):
            describe_gallery(gallery)
    assert block.exists() and gallery.version == version and gallery.job.state == "failed"
    describe_gallery(gallery)
    assert len(counted) == 12 + 7 and gallery.images == 19


def test_stored_gallery(root, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("MR_BCNN_GALLERIES", str(root))
    monkeypatch.chdir(tmp_path)
    gallery = create_gallery("mine", root, checkpoint)
    assert stored_gallery(gallery.folder).folder == gallery.folder
    assert stored_gallery(type(root)("mine")).folder.absolute() == gallery.folder
    assert stored_gallery(type(root)("other")) is None
    (tmp_path / "mine").mkdir()
    assert stored_gallery(type(root)("mine")) is None  # a path to a folder of images takes precedence


def test_near_duplicates_equal_full_matrix():
    descriptors = np.random.default_rng(0).normal(size=(3000, 8)).astype(np.float32)
    descriptors[[2500, 1400]] = descriptors[[7, 1300]] + 1e-4
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    table = descriptors @ descriptors.T
    expected = [(one, other) for one, other in zip(*np.nonzero(table >= 0.999), strict=True) if one < other]
    pairs, count = near_duplicates(descriptors)
    assert pairs == expected and count == len(expected) and {(7, 2500), (1300, 1400)} <= set(expected)
    with pytest.raises(UserError, match="up to 30,000 images; got 30,001"):
        near_duplicates(np.zeros((30_001, 1), np.float32))


def test_near_duplicates_limits_the_returned_pairs(monkeypatch):
    monkeypatch.setattr("core.galleries.overview.MAX_PAIRS", 10)
    monkeypatch.setattr("core.galleries.overview.ROWS_PER_BLOCK", 7)
    pairs, count = near_duplicates(np.ones((20, 1), np.float32))
    assert count == 20 * 19 / 2
    assert pairs == [(0, other) for other in range(1, 11)]
