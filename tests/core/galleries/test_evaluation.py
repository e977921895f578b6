"""The evaluation of a named gallery: each labelled image is a probe against all others."""

from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from core.cli.main import main
from core.data.labels import TABLE
from core.errors import UserError
from core.evaluation.evaluation_job import find_evaluation, list_evaluations, run_evaluation
from core.evaluation.prediction_job import find_prediction
from core.evaluation.report import read_report
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.evaluation import DESCRIBED, evaluate_gallery
from core.galleries.update import describe_gallery
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import Model, load
from core.jobs.job import Stopped
from core.jobs.progress import FAILED, FINISHED, QUEUED, STOPPED
from core.models.network import build_network


@pytest.fixture
def station(market, checkpoint, tmp_path):
    """An indexed gallery of the 12 test images: 4 identities, seen once by each of 3 cameras."""
    gallery = create_gallery("station", tmp_path / "galleries", checkpoint)
    add_folder(gallery, market / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    return gallery


@pytest.fixture
def other(tmp_path) -> Path:
    """A second model."""
    folder = tmp_path / "other"
    save_checkpoint(Checkpoint(build_network("b_cnn", filters=3, descriptor=20, batch_norm=True).eval()), folder)
    return folder


def naive_first_ranks(gallery) -> dict[str, int]:
    """The rank of each image's first true match, by sorting a list."""
    found = {}
    for probe in range(len(gallery)):
        scores = gallery.descriptors @ gallery.descriptors[probe]
        is_same = gallery.identities == gallery.identities[probe]
        ranked = np.flatnonzero(~(is_same & (gallery.cameras == gallery.cameras[probe])))
        ranked = ranked[np.argsort(-scores[ranked], kind="stable")]
        found[gallery.paths[probe]] = int(np.flatnonzero(is_same[ranked])[0]) + 1
    return found


def test_each_image_is_a_probe_against_all_others(station, checkpoint):
    report = evaluate_gallery(station, load(checkpoint, "cpu"), checkpoint)
    assert dict(zip(report.probes["path"], report.probes["first_rank"], strict=True)) == naive_first_ranks(
        station.open()
    )
    assert report.result["summary"]["probes"] == report.result["summary"]["gallery"] == 12
    assert report.result["protocol"] == "every-image" and report.name == "station-every-image"
    assert report.result["cameras"]["probe"] == [1, 2, 3]
    assert report.result["evaluated"] == {"gallery": station.read()["id"], "version": station.version.name}
    assert not (station.folder / DESCRIBED).exists()  # the gallery's own descriptors are used


def test_the_ranking_reports_its_progress_although_no_image_is_described(station, checkpoint, monkeypatch):
    row = 4 * 12  # bytes of the scores of a probe
    monkeypatch.setattr("core.evaluation.ranking.SCORE_BLOCK_BYTES", 3 * row)
    monkeypatch.setattr("core.evaluation.verification.SCORE_BLOCK_BYTES", 4 * row)
    described, ranked = [], []
    evaluate_gallery(
        station,
        load(checkpoint, "cpu"),
        checkpoint,
        on_progress=lambda *done: described.append(done),
        on_ranked=lambda *done: ranked.append(done),
    )
    assert described == []
    # four blocks of 3 probes are ranked, then the scores of three blocks of 4 are counted
    assert ranked == [(1, 12), (3, 12), (4, 12), (6, 12), (8, 12), (10, 12), (12, 12)]


def test_the_remaining_time_of_a_job_is_that_of_the_present_count(tmp_path, market, other):
    job = find_evaluation(other, market)
    seen = []

    def work(on_progress):
        for done, total in ((40, 100), (100, 100), (5, 30), (30, 30)):
            on_progress(done, total)
            status = job.read()
            seen.append((status["done"], status["total"], status["resumed"]))
        return tmp_path

    run_evaluation(job.folder, work)
    assert seen[0] == (40, 100, 40) and seen[2] == (5, 30, 5)
    assert job.state == FINISHED


def test_another_model_describes_each_image_once(station, other, market, monkeypatch):
    described = []
    describe_records = Model.describe_records

    def counted(self, records, **options):
        described.extend(record.path.name for record in records)
        return describe_records(self, records, **options)

    monkeypatch.setattr(Model, "describe_records", counted)
    report = evaluate_gallery(station, load(other, "cpu"), other)
    again = evaluate_gallery(station, load(other, "cpu"), other)
    assert len(described) == len(set(described)) == 12 and report.probes.equals(again.probes)
    direct, _ = describe_records(load(other, "cpu"), _records(station))
    expected = station.open()
    expected.descriptors = direct
    assert dict(zip(report.probes["path"], report.probes["first_rank"], strict=True)) == naive_first_ranks(expected)


def _records(station):
    from core.data.records import Record

    return [Record(Path(path)) for path in station.open().paths]


@pytest.mark.parametrize(
    "rows, missing",
    [
        ("path\n{0}\n", "None of the 12 images of station has an identity"),
        ("path,identity\n{0},anna\n", "None of the 1 images of station with an identity has a camera number"),
        ("path,identity,camera\n{0},anna,2\n{1},anna,2\n", "Each of the 1 identities of station has one camera only"),
    ],
)
def test_missing_labels_are_named(market, checkpoint, tmp_path, rows, missing):
    gallery = create_gallery("station", tmp_path / "galleries", checkpoint)
    names = sorted(path.name for path in (market / "bounding_box_test").iterdir())
    add_folder(gallery, market / "bounding_box_test", TABLE, rows.format(*names).encode())
    describe_gallery(gallery, "cpu")
    with pytest.raises(UserError, match=missing):
        evaluate_gallery(gallery, load(checkpoint, "cpu"), checkpoint)


def test_an_unlabelled_image_is_in_the_gallery_but_is_no_probe(market, checkpoint, tmp_path):
    gallery = create_gallery("station", tmp_path / "galleries", checkpoint)
    names = sorted(path.name for path in (market / "bounding_box_test").iterdir())
    table = "path,identity,camera\n{},anna,1\n{},anna,2\n{},anna,\n".format(*names)
    add_folder(gallery, market / "bounding_box_test", TABLE, table.encode())
    describe_gallery(gallery, "cpu")
    summary = evaluate_gallery(gallery, load(checkpoint, "cpu"), checkpoint).result["summary"]
    assert (summary["probes"], summary["gallery"]) == (2, 12)


def test_the_command_evaluates_a_gallery_by_name_and_records_the_job(station, other, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    job = find_evaluation(other, station.folder)
    assert main(["evaluate", str(other), "station", "--device", "cpu", "--job", str(job.folder)]) == 0
    assert job.state == FINISHED
    report = read_report(Path(job.read()["result"]))
    assert report.result["data"] == "station" and len(report.probes) == 12
    assert main(["evaluate", str(other), "station", "--same-camera", "--job", str(job.folder)]) == 2
    assert "Omit --same-camera" in capsys.readouterr().err
    assert job.state == FAILED and "Omit --same-camera" in job.progress.message
    assert main(["evaluate", str(other), "station", "--protocol", "market1501"]) == 2


def test_a_stop_ends_a_job(tmp_path, market, other):
    job = find_evaluation(other, market)

    def work(on_progress):
        on_progress(1, 10)
        job.stop()
        with pytest.raises(Stopped):
            on_progress(2, 10)
        raise Stopped

    run_evaluation(job.folder, work)
    assert job.state == STOPPED
    job.write(data=str(market))
    assert [one.folder for one in list_evaluations(market)] == [job.folder] and list_evaluations(tmp_path) == []


def test_a_prediction_waits_for_an_evaluation(tmp_path, market, other):
    evaluation, prediction = find_evaluation(other, market).folder, find_prediction(other, market).folder
    waiting = Thread(target=run_evaluation, args=(prediction, lambda on_progress: tmp_path))

    def work(on_progress):
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive() and find_prediction(other, market).state == QUEUED
        return tmp_path

    run_evaluation(evaluation, work)
    waiting.join()
    assert find_prediction(other, market).state == FINISHED
