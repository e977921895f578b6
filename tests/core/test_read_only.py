"""Functions that change the server refuse in read-only mode, whoever calls them."""

from pathlib import Path

import pytest
from conftest import draw_person

from app.shared.upload_store import UploadStore
from core.data.saved_datasets import delete_dataset, save_dataset
from core.errors import UserError
from core.evaluation.evaluation_job import start_evaluation
from core.evaluation.label_decisions import add_decisions, decide, undo_decision
from core.evaluation.prediction_job import start_prediction
from core.galleries.adding import add_folder, add_uploads
from core.galleries.catalog import create_gallery, delete_gallery, rename_gallery
from core.galleries.changes import relabel_images, remove_images, tag_images
from core.galleries.gallery_folder import StoredGallery
from core.galleries.sources import remove_source
from core.galleries.update import launch as index
from core.milvus.sync import delete_copy
from core.milvus.sync import launch as send
from core.presets import PRESETS
from core.projection.film import start_film
from core.read_only import is_read_only
from core.training import queue
from core.training.run_folder import Run

WRITERS = {
    "create a gallery": lambda g, run, p: create_gallery("other", p, Path(g.model["checkpoint"])),
    "rename a gallery": lambda g, run, p: rename_gallery(g, "other"),
    "delete a gallery": lambda g, run, p: delete_gallery(g),
    "add a folder": lambda g, run, p: add_folder(g, p / "images"),
    "add uploads": lambda g, run, p: add_uploads(g, [("a.png", b"x")]),
    "remove a source": lambda g, run, p: remove_source(g, 1),
    "relabel": lambda g, run, p: relabel_images(g, ["a.png"], "7"),
    "remove images": lambda g, run, p: remove_images(g, ["a.png"]),
    "tag": lambda g, run, p: tag_images(g, ["a.png"], ["red"]),
    "index": lambda g, run, p: index(g),
    "ask for an update": lambda g, run, p: g.ask(),
    "send to a server": lambda g, run, p: send(g, "http://localhost:1"),
    "delete from a server": lambda g, run, p: delete_copy(g),
    "create a run": lambda g, run, p: Run.create(p / "other", *PRESETS["demo"]("mr_bcnn"), {}),
    "start a run": lambda g, run, p: queue.launch(run),
    "stop a run": lambda g, run, p: queue.stop(run),
    "stop a job": lambda g, run, p: run.job.stop(),
    "delete a run": lambda g, run, p: queue.delete(run),
    "evaluate": lambda g, run, p: start_evaluation(p, p),
    "predict the accuracy": lambda g, run, p: start_prediction(p, p),
    "render a film": lambda g, run, p: start_film(run),
    "save a data set": lambda g, run, p: save_dataset("x", {"images": [{"pattern": "(?P<identity>.)"}]}, p, p),
    "delete a data set": lambda g, run, p: delete_dataset("x", p),
    "decide about labels": lambda g, run, p: add_decisions(p / "d.csv", [decide("a", "b", "same")]),
    "undo a decision": lambda g, run, p: undo_decision(p / "d.csv"),
    "store an upload": lambda g, run, p: UploadStore(p / "uploads").put(draw_person(1, 1, 0), "visitor"),
}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_writer_refuses_and_writes_nothing(writer, tmp_path, checkpoint, monkeypatch):
    monkeypatch.setattr("core.jobs.job.start_process", lambda *_, **__: pytest.fail("a process was started"))
    (tmp_path / "images").mkdir()
    draw_person(1, 1, 0).save(tmp_path / "images" / "1.png")
    gallery = create_gallery("mine", tmp_path / "galleries", checkpoint)
    run = Run.create(tmp_path / "runs" / "mine", *PRESETS["demo"]("mr_bcnn"), {})
    assert isinstance(gallery, StoredGallery)
    before = content(tmp_path)
    monkeypatch.setenv("MR_BCNN_READ_ONLY", "1")
    with pytest.raises(UserError, match="read-only"):
        WRITERS[writer](gallery, run, tmp_path)
    assert content(tmp_path) == before


@pytest.mark.parametrize("value, expected", [("", False), ("0", False), ("off", False), ("1", True), ("true", True)])
def test_the_variable(value, expected, monkeypatch):
    monkeypatch.setenv("MR_BCNN_READ_ONLY", value)
    assert is_read_only() is expected
