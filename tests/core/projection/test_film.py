"""The film as GIF and HTML, and the saved files of a run."""

import base64
import re
import shutil
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image, ImageColor

from app.film import main as film_command
from core.cli.main import main
from core.colours import CATEGORY_COLOURS, OTHER_COLOUR
from core.errors import UserError
from core.jobs.file_job import find_job, progress_of
from core.jobs.progress import FAILED
from core.presets import fast
from core.projection import film as films
from core.projection.film import film_file, is_current, load_film, save_film, start_film, write_film
from core.projection.film_figure import film_figure
from core.projection.training_film import Film
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)


@pytest.fixture
def film() -> Film:
    """Return a film of three images; two of them show one identity."""
    coordinates = np.array([[(0, 0), (4, 0), (0, 4)], [(0, 0), (4, 0), (4, 4)], [(0, 0), (4, 0), (4, 1)]], np.float32)
    histograms = np.eye(3, 5, dtype=np.float32)
    return Film(
        "mine",
        "test identities of x",
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
    monkeypatch.setattr(films, "IMAGES_BETWEEN_FRAMES", 2)
    run = Run.create(tmp_path / "runs" / "mine", NETWORK, fast("mr_bcnn")[1], {})
    for step in (10, 40):
        (run.folder / "checkpoints" / f"{step:06d}").mkdir()
    return run


def test_points_are_interpolated_between_frames(film):
    figure, draw = film_figure(film)
    points = next(axes for axes in figure.axes if axes.get_label() == "map").collections[0]
    assert [to_hex(colour) for colour in points.get_facecolors()] == [
        OTHER_COLOUR,
        CATEGORY_COLOURS[0],
        CATEGORY_COLOURS[0],
    ]
    for position, third in ((0, (0, 4)), (1, (4, 4)), (1.5, (4, 2.5)), (2, (4, 1))):
        draw(position)
        np.testing.assert_allclose(points.get_offsets(), [(0, 0), (4, 0), third])


def test_histograms_step_and_timeline_show_the_checkpoint(film):
    figure, draw = film_figure(film)
    axes = {each.get_label(): each for each in figure.axes}
    for position, frame in ((0, 0), (1, 1), (1.5, 1), (2, 2)):
        draw(position)
        assert f"{film.steps[frame]}" in [text.get_text() for text in figure.texts]
        if position == frame:
            shown = [line.get_ydata() for line in axes["pairs"].lines]
            np.testing.assert_allclose(shown, film.heights[:, frame], atol=1e-6)
            assert axes["time"].lines[1].get_xdata()[1] == film.steps[frame]


def test_gif_shows_points_in_their_colours(film, tmp_path):
    write_film(film, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as gif:
        pixels = np.asarray(gif.convert("RGB"))
    map_only = pixels[80:460, :520]
    for colour, is_there in ((OTHER_COLOUR, True), (CATEGORY_COLOURS[0], True), (CATEGORY_COLOURS[1], False)):
        near = np.abs(map_only.astype(int) - ImageColor.getrgb(colour)).max(-1) < 12
        assert near.any() == is_there


def test_gif_shows_frames_longer_than_transitions(film, tmp_path):
    write_film(film, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as gif:
        assert gif.size == (900, 520) and gif.info["loop"] == 0 and gif.n_frames == 2 * films.IMAGES_BETWEEN_FRAMES + 1
        durations = []
        for number in range(gif.n_frames):
            gif.seek(number)
            durations.append(gif.info["duration"])
    assert sum(durations) == 2 * films.REST + 2 * (films.IMAGES_BETWEEN_FRAMES - 1) * films.SHORT + films.LAST
    assert durations[0] == films.REST and durations[-1] == films.LAST


def test_html_needs_no_other_files_and_escapes_names(film, tmp_path):
    shares = []
    write_film(replace(film, run="mine</title><b>$"), file := tmp_path / "film.html", shares.append)
    page = file.read_text(encoding="utf-8")
    assert "http" not in page and "<link" not in page and "fa-" not in page and "</title><b>" not in page
    assert 'type="range"' in page and 'title="Play"' in page and "▶" in page
    frames = re.findall(r"data:image/png;base64,([^\"]+)\"", page)
    assert len(frames) == len(shares) == 2 * films.IMAGES_BETWEEN_FRAMES // 2 + 1 and shares[-1] == 1
    with Image.open(BytesIO(base64.b64decode(frames[0].replace("\\\n", "")))) as image:
        assert image.size == (900, 520)


def test_film_is_rendered_once_for_the_same_checkpoints(film, run, monkeypatch):
    made = []
    monkeypatch.setattr(films, "make_film", lambda run, progress: made.append(run) or film)
    assert load_film(run) is None and progress_of(film_file(run)).state == ""
    for _ in range(2):
        gif = save_film(run)
    assert len(made) == 1 and is_current(load_film(run), run)
    assert Image.open(gif).size == (900, 520) and gif.with_suffix(".html").exists()
    (run.folder / "checkpoints" / "000050").mkdir()
    assert not is_current(load_film(run), run)
    save_film(run)
    assert len(made) == 2
    film_file(run).write_bytes(b"")
    assert load_film(run) is None


def test_failed_film_records_the_reason(run, capsys):
    assert main(["film", "mine"]) == 2
    assert "error: There is no" in capsys.readouterr().err
    assert progress_of(film_file(run)).state == FAILED
    assert "There is no" in progress_of(film_file(run)).message


def test_film_is_started_once(run, monkeypatch):
    started = []
    monkeypatch.setattr(films, "start_job", lambda file, command: started.append((file, command)))
    start_film(run)
    assert started == [(film_file(run), ["film", str(run.folder)])]
    job = find_job(film_file(run))
    job.folder.mkdir(parents=True)
    job.queue()
    start_film(run)
    assert len(started) == 1


def test_film_command(film, run, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("core.projection.training_film.make_film", lambda run, data, progress: film)
    assert main(["film", "mine", "--output", "film.gif"]) == 0
    assert Image.open(tmp_path / "film.gif").n_frames > 2
    assert film_command(["mine", "--output", "film.html"]) == 0
    assert (tmp_path / "film.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["film", "mine", "--output", "film.mp4"]) == 2
    assert "Give --output FILE.gif or FILE.html" in capsys.readouterr().err
    assert main(["film", "mine", "--data", "x"]) == 2
    shutil.rmtree(run.folder)
    assert main(["film", "mine"]) == 2
    assert "There is no run" in capsys.readouterr().err


def test_open_refuses_other_files(tmp_path):
    with pytest.raises(UserError, match="is not a film"):
        Film.open(tmp_path / "none.npz")
