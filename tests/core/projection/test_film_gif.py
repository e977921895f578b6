"""The film as a picture that moves, and as a file that is kept."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageColor

from core.cli.main import main
from core.colours import KINDS, OTHERS
from core.config import fast
from core.errors import UserError
from core.jobs.file_job import job_of, progress_of
from core.jobs.job import FAILED
from core.projection import film_gif as films
from core.projection.film_gif import draw, film_file, is_current, keep_film, kept_film, start_film, write_gif
from core.projection.training_film import Film
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)


@pytest.fixture
def film() -> Film:
    """Three pictures of which two, of one person, move to the same place."""
    coordinates = np.array([[(0, 0), (4, 0), (0, 4)], [(0, 0), (4, 0), (4, 4)], [(0, 0), (4, 0), (4, 1)]], np.float32)
    histograms = np.eye(3, 5, dtype=np.float32)
    return Film(
        "mine",
        "test people of x",
        np.array(["1", "2", "2"]),
        np.array(["2"]),
        np.array([0, 10, 40]),
        coordinates,
        histograms,
        histograms[::-1],
        np.full((3, 2), np.nan),
    )


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(films, "BETWEEN", 2)
    run = Run.create(tmp_path / "runs" / "mine", NETWORK, fast("mr_bcnn")[1], {})
    for step in (10, 40):
        (run.folder / "checkpoints" / f"{step:06d}").mkdir()
    return run


def place_of(film: Film, x: float, y: float) -> tuple[int, int]:
    """Pixel of a point on the small picture: the map is 4 units wide and high."""
    left, top, width, height = films.MAP
    scale = min(width, height) / 4
    return (round((left + width / 2 + (x - 2) * scale) / 2), round((top + height / 2 - (y - 2) * scale) / 2))


def test_points_lie_where_they_should_and_move_evenly(film):
    grey, colour = ImageColor.getrgb(OTHERS), ImageColor.getrgb(KINDS[0])
    for way, third in ((0, (0, 4)), (1, (4, 4)), (1.5, (4, 2.5)), (2, (4, 1))):
        page = draw(film, way)
        assert page.size == (900, 520)
        found = [page.getpixel(place_of(film, *place)) for place in ((0, 0), (4, 0), third)]
        np.testing.assert_allclose(found, [grey, colour, colour], atol=6)


def test_a_gif_rests_at_each_frame(film, tmp_path):
    write_gif(film, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as gif:
        assert gif.size == (900, 520) and gif.info["loop"] == 0
        stays = []
        for number in range(gif.n_frames):
            gif.seek(number)
            stays.append(gif.info["duration"])
    assert sum(stays) == 2 * films.REST + 2 * (films.BETWEEN - 1) * films.SHORT + films.LAST
    assert stays[0] == films.REST and stays[-1] == films.LAST


def test_a_kept_film_is_made_once_for_the_same_checkpoints(film, run, monkeypatch):
    made = []
    monkeypatch.setattr(films, "film_of", lambda run, progress: made.append(run) or film)
    assert kept_film(run) is None and progress_of(film_file(run)).state == ""
    for _ in range(2):
        gif = keep_film(run)
    assert len(made) == 1 and Image.open(gif).size == (900, 520) and is_current(kept_film(run), run)
    (run.folder / "checkpoints" / "000050").mkdir()
    assert not is_current(kept_film(run), run)
    keep_film(run)
    assert len(made) == 2
    film_file(run).write_bytes(b"")
    assert kept_film(run) is None


def test_a_film_that_fails_says_why(run, capsys):
    assert main(["film", "mine"]) == 2
    assert "error: There is no" in capsys.readouterr().err
    assert progress_of(film_file(run)).state == FAILED
    assert "There is no" in progress_of(film_file(run)).message


def test_a_film_is_started_once(run, monkeypatch):
    begun = []
    monkeypatch.setattr(films, "start", lambda file, command: begun.append((file, command)))
    start_film(run)
    assert begun == [(film_file(run), ["film", str(run.folder)])]
    job = job_of(film_file(run))
    job.folder.mkdir(parents=True)
    job.queue()
    start_film(run)
    assert len(begun) == 1


def test_the_command(film, run, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("core.projection.training_film.film_of", lambda run, data, progress: film)
    assert main(["film", "mine", "--output", "film.gif"]) == 0
    assert Image.open(tmp_path / "film.gif").n_frames > 2
    assert main(["film", "mine", "--output", "film.mp4"]) == 2
    assert "Give --output FILE.gif" in capsys.readouterr().err
    assert main(["film", "mine", "--data", "x"]) == 2
    shutil.rmtree(run.folder)
    assert main(["film", "mine"]) == 2
    assert "There is no run" in capsys.readouterr().err


def test_a_file_that_is_no_film(tmp_path):
    with pytest.raises(UserError, match="is not a film"):
        Film.open(tmp_path / "none.npz")
