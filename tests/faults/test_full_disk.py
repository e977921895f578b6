"""Work on a full disk ends with one sentence, loses nothing, and succeeds when there is space again.

Each kind of work is tried with more and more free space, so that it fails at many different places.
"""

import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_person
from faults import small_training
from faults.disks import PAGE, Disk
from PIL import Image

from app.shared.upload_store import UploadStore
from core.cli.main import main
from core.data.saved_datasets import list_datasets, save_dataset
from core.errors import explain
from core.evaluation.label_decisions import Decision, add_decisions, read_decisions
from core.galleries.adding import add_folder, add_uploads, add_zip
from core.galleries.cache import load_or_describe
from core.galleries.catalog import create_gallery
from core.galleries.gallery_folder import StoredGallery
from core.galleries.sources import list_sources
from core.galleries.update import describe_gallery
from core.inference.checkpoint import load_checkpoint
from core.inference.model import load
from core.projection.cached_maps import make_map
from core.projection.projector import Projector
from core.search.descriptor_files import read_folder, write_folder
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
IS_FULL = "not enough free space"


def until_it_fits(disk: Disk, work, check_after_failure, first: int = 0, factor: float = 1.7) -> int:
    """Repeat work with more and more free space until it succeeds -> how many times it failed.

    Each failure must be an error that says that the disk is full.
    """
    failures, free = 0, first
    for _ in range(60):
        disk.leave_free(free)
        try:
            work()
            return failures
        except OSError as error:
            assert IS_FULL in explain(error) and error.filename, repr(error)
        failures += 1
        check_after_failure()
        free = int(max(free + PAGE, free * factor))
    raise AssertionError("the work did not succeed with any free space")


def test_training_keeps_its_checkpoints(disk, market, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MR_BCNN_RUNS", str(disk.folder / "runs"))
    training = replace(small_training.TRAINING, steps=6, keep_every=100)
    runs = [
        Run.create(
            folder, small_training.NETWORK, training, {"folder": str(market), "protocol": "market1501", "split": 1}
        )
        for folder in (tmp_path / "whole", disk.folder / "runs" / "full")
    ]
    assert main(["resume", str(runs[0].folder)]) == 0
    whole, full = runs
    failures, free, reached = 0, 0, 0
    for _ in range(40):
        disk.leave_free(free)
        capsys.readouterr()
        if main(["resume", str(full.folder)]) == 0:
            break
        assert IS_FULL in capsys.readouterr().err.splitlines()[-1]
        assert not full.job.progress.is_alive and not list(full.folder.glob("checkpoints/*.new"))
        assert full.newest_step() >= reached, "a finished checkpoint was lost"
        for folder in full.checkpoints():
            load_checkpoint(folder)
        reached, failures, free = full.newest_step(), failures + 1, int(max(free + PAGE, 1.4 * free))
    assert failures > 3 and full.state == "finished"
    expected, found = (load_checkpoint(run.checkpoints()[-1]).network.state_dict() for run in runs)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def images_of(folder: Path, people: range) -> Path:
    folder.mkdir()
    for identity in people:
        draw_person(identity, 1, 0).save(folder / f"{identity:02d}.png")
    return folder


def test_gallery_keeps_its_version_and_its_sources(disk, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr("core.data.zip_archive.MIN_FREE_BYTES", 0)
    monkeypatch.setattr("core.galleries.update.IMAGES_PER_BLOCK", 4)
    gallery = create_gallery("full", disk.folder / "galleries", checkpoint)
    add_folder(gallery, images_of(tmp_path / "first", range(6)))
    describe_gallery(gallery, "cpu")
    packed = Path(shutil.make_archive(str(tmp_path / "more"), "zip", images_of(tmp_path / "more", range(20, 40))))
    with packed.open("rb") as file:
        add_zip(gallery, file, name="more.zip")

    def check():
        assert len(StoredGallery(gallery.folder).open()) == 6, "the version before cannot be searched"
        assert len(list_sources(gallery)) == 2, "the upload was lost"
        assert not gallery.progress.is_alive

    failures = until_it_fits(disk, lambda: describe_gallery(gallery, "cpu"), check)
    assert failures > 3 and gallery.progress.state == "finished"
    assert len(StoredGallery(gallery.folder).open()) == 26 and not gallery.skipped()


def test_uploads_to_a_gallery_are_all_stored_or_none(disk, checkpoint):
    gallery = create_gallery("full", disk.folder / "galleries", checkpoint)
    files = [(f"{number}.png", np.random.default_rng(number).bytes(9000)) for number in range(6)]
    checks = count()

    def check():
        next(checks)
        assert list_sources(gallery) == [] and not list((gallery.folder / "sources").iterdir())

    failures = until_it_fits(disk, lambda: add_uploads(gallery, files, "none"), check)
    assert failures == next(checks) > 3
    stored = {path.name: path.read_bytes() for path in (gallery.folder / "sources").rglob("*.png")}
    assert stored == dict(files)


def test_probe_upload_leaves_nothing_if_it_fails(disk):
    store = UploadStore(disk.folder / "uploads")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (160, 60, 3), np.uint8))

    def check():
        assert not [path for path in (disk.folder / "uploads").rglob("*") if path.is_file()]

    assert until_it_fits(disk, lambda: store.put(noise, "visitor"), check, factor=1.2) > 2
    assert len(list((disk.folder / "uploads").rglob("*.png"))) == 1


def test_map_is_computed_when_there_is_space(disk):
    descriptors = np.random.default_rng(0).normal(size=(3000, 4)).astype(np.float32)
    file = disk.folder / "maps" / "map.npz"
    file.parent.mkdir()

    def check():
        assert not file.exists() and [path.name for path in file.parent.glob("*.npz*")] == []

    assert until_it_fits(disk, lambda: make_map(descriptors, Projector("pca"), file), check) > 3
    assert Projector.open(file).coordinates.shape == (3000, 2)


def test_search_works_without_space_for_its_descriptors(disk, checkpoint, market, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(disk.folder))
    model = load(checkpoint)
    wanted = load_or_describe(market, model, checkpoint)
    shutil.rmtree(disk.folder / "mr-bcnn")
    for free in (0, PAGE, 3 * PAGE, 10 * PAGE):
        disk.leave_free(free)
        found = load_or_describe(market, model, checkpoint)
        np.testing.assert_allclose(found.descriptors, wanted.descriptors, atol=1e-5)
        shutil.rmtree(disk.folder / "mr-bcnn", ignore_errors=True)


def test_descriptors_are_replaced_as_a_whole(disk):
    folder, rows = disk.folder / "descriptors", 200
    records = {
        "path": np.array([f"{n}.png" for n in range(rows)]),
        "identity": np.array(["x"] * rows),
        "camera": np.ones(rows, int),
        "time": np.zeros(rows),
    }
    old, new = (np.full((rows, 50), value, np.float32) for value in (1, 2))
    write_folder(folder, old, records)

    def check():
        assert (read_folder(folder)[0] == 1).all() and {path.name for path in disk.folder.iterdir()} <= {
            "descriptors",
            "ballast",
        }

    assert until_it_fits(disk, lambda: write_folder(folder, new, records), check) > 2
    assert (read_folder(folder)[0] == 2).all()


def test_decisions_about_labels_and_saved_data_sets_stay(disk, market):
    table = disk.folder / "decisions.csv"
    first, second = (Decision(f"{n}.png", f"{n + 1}.png", "same", "2026-01-01T00:00:00+00:00") for n in (0, 2))
    add_decisions(table, [first])
    groups = {"images": [{"pattern": r".*(?P<identity>\d{4})_c\d.*"}]}
    root = disk.folder / "datasets"
    save_dataset("saved", groups, market, root)

    def check():
        assert read_decisions(table) == [first] and list(list_datasets(root)) == ["saved"]

    def work():
        add_decisions(table, [second])
        save_dataset("another", groups, market, root)

    disk.leave_free(0)
    with pytest.raises(OSError, match="No space"):
        work()
    check()
    with pytest.raises(OSError, match="No space"):
        save_dataset("another", groups, market, root)
    check()
    disk.empty()
    work()
    assert read_decisions(table) == [first, second] and len(list_datasets(root)) == 2
