"""Maps on disk, made in background processes."""

import shutil
import time

import numpy as np
import pytest
from filelock import FileLock

from core.cli.main import main
from core.data.datasets import read_dataset
from core.errors import UserError
from core.galleries.cache import gallery_name
from core.inference.model import load
from core.jobs.file_job import ONE_AT_A_TIME, find_job, progress_of
from core.jobs.progress import FAILED, FINISHED, QUEUED, RUNNING
from core.projection.cached_maps import content_of, make_map, map_name, ship_maps, start_map
from core.projection.projector import Projector

POINTS = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)


def wait_until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timeout"
        time.sleep(0.1)


def test_map_names_depend_on_descriptors_and_settings():
    names = {
        map_name(content, Projector(**settings))
        for content in (content_of(POINTS), content_of(POINTS[:-1]))
        for settings in ({}, {"dimensions": 3}, {"neighbours": 9}, {"seed": 4}, {"method": "pca"})
    }
    assert len(names) == 10
    assert map_name("x", Projector("pca", seed=1)) == map_name("x", Projector("pca", seed=2))  # PCA has no seed


@pytest.mark.slow
def test_background_process_makes_a_map(tmp_path):
    file = tmp_path / "maps" / "one.npz"
    assert progress_of(file).state == ""
    start_map(POINTS, Projector("pca"), file)
    assert progress_of(file).state in (QUEUED, RUNNING, FINISHED)
    wait_until(lambda: progress_of(file).state == FINISHED)
    np.testing.assert_allclose(Projector.open(file).coordinates, Projector("pca").fit_transform(POINTS), atol=1e-5)
    assert not list(file.parent.glob("*.npy"))  # the file of the descriptors is deleted
    made = file.stat().st_mtime_ns
    start_map(POINTS, Projector("pca"), file)
    make_map(POINTS, Projector("pca"), file)
    assert file.stat().st_mtime_ns == made


@pytest.mark.slow
def test_maps_are_made_one_at_a_time(tmp_path):
    file = tmp_path / "one.npz"
    with FileLock(tmp_path / ONE_AT_A_TIME):
        start_map(POINTS, Projector("pca"), file)
        wait_until(lambda: (find_job(file).folder / "lock").exists())
        time.sleep(0.5)
        assert progress_of(file).state == QUEUED and not file.exists()
    wait_until(lambda: progress_of(file).state == FINISHED)


def test_failed_map_records_the_reason_and_can_be_tried_again(tmp_path):
    file = tmp_path / "one.npz"
    with pytest.raises(UserError, match="not finite"):
        make_map(POINTS * np.nan, Projector("pca"), file)
    assert progress_of(file).state == FAILED and "not finite" in progress_of(file).message
    make_map(POINTS, Projector("pca"), file)  # it can be tried again
    assert progress_of(file).state == FINISHED


def test_project_command(tmp_path, capsys):
    np.save(tmp_path / "d.npy", POINTS)
    arguments = ["project", str(tmp_path / "d.npy"), "--output", str(tmp_path / "m.npz"), "--method", "pca"]
    assert main([*arguments, "--dimensions", "3"]) == 0
    output = capsys.readouterr().out
    assert "pca map (30, 3)" in output and "trustworthiness" in output and "overlap" in output
    np.save(tmp_path / "d.npy", np.arange(4))
    assert main(arguments) == 2 and "expected floating-point numbers (N, D), got int64 (4,)" in capsys.readouterr().err
    (tmp_path / "d.npy").write_bytes(b"")
    assert main(arguments) == 2 and "is not an array of descriptors" in capsys.readouterr().err


@pytest.mark.slow
def test_ship_maps_writes_maps_to_a_checkpoint(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    mine, dataset = shutil.copytree(checkpoint, tmp_path / "mine"), read_dataset(market)
    ship_maps(market, load(mine), mine)
    content = gallery_name(dataset.searchable + dataset.query, dataset.root, mine)
    for dimensions in (2, 3):
        file = mine / "maps" / map_name(content, Projector("umap", dimensions))
        assert Projector.open(file).coordinates.shape == (24, dimensions)
