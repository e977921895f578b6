"""The film as a page of its own, and on the training page."""

import re

import numpy as np
import pytest
from PIL import Image

from app.training.film_html import NARROW, WIDE, film_figure, film_page, main
from core.config import PRESETS
from core.errors import UserError
from core.jobs.file_job import job_of
from core.projection.film_gif import film_file
from core.projection.training_film import Film
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
TRICK = "</script><b>"


@pytest.fixture
def film() -> Film:
    histograms = np.eye(3, 5, dtype=np.float32)
    return Film(
        f"mine{TRICK}",
        "test people of x",
        np.array([f"1{TRICK}", "2", "2"]),
        np.array(["2"]),
        np.array([0, 1000, 4000]),
        np.arange(18, dtype=np.float32).reshape(3, 3, 2),
        histograms,
        histograms[::-1],
        np.array([(np.nan, np.nan), (50, 40), (60, 50)]),
    )


@pytest.fixture
def run(tmp_path, film) -> Run:
    """Two checkpoints, and a film of them."""
    run = Run.create(tmp_path / "runs" / "mine", *PRESETS["demo"]("mr_bcnn"), {"folder": str(tmp_path / "people")})
    run.write_status(state="finished", step=4000)
    for step in (1000, 4000):
        (run.folder / "checkpoints" / f"{step:06d}").mkdir()
    film_file(run).parent.mkdir()
    film.save(film_file(run))
    Image.new("RGB", (9, 5)).save(film_file(run).with_suffix(".gif"))
    return run


def test_a_frame_for_each_checkpoint(film):
    figure = film_figure(film)
    assert [frame.name for frame in figure.frames] == ["0", "1000", "4000"]
    assert [step.label for step in figure.layout.sliders[0].steps] == ["0", "1,000", "4,000"]
    assert figure.layout.yaxis.scaleanchor == "x"
    for frame, places, words in zip(figure.frames, film.coordinates, ("loss", "50 %", "60 %"), strict=True):
        others, coloured, _, same, _, figures = frame.data
        assert (others.x[0], others.y[0]) == tuple(places[0]) and list(coloured.x) == places[1:, 0].tolist()
        assert len(same.y) == 5 and max(same.y) == 1 and words in figures.text[0]
    np.testing.assert_array_equal(figure.data[0].x, figure.frames[0].data[0].x)  # before the button it shows the first
    low, high = figure.layout.xaxis.range
    assert low < film.coordinates[..., 0].min() and high > film.coordinates[..., 0].max()


@pytest.mark.parametrize("dark", [False, True])
def test_a_page_needs_nothing_else_and_trusts_no_name(film, dark):
    page = film_page(film, dark)
    assert len(page) > 3e6 and not re.search(r'<(script|link|img)[^>]+(src|href)="http', page)
    assert TRICK not in page
    for arrangement in (WIDE, NARROW):
        assert str(arrangement) in page
    assert ("#14171f" in page) == dark


def test_the_command(film, run, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("core.projection.training_film.film_of", lambda run, data: film)
    monkeypatch.chdir(tmp_path)
    assert main(["mine", "--output", "film.html"]) == 0
    assert "test people of x" in (tmp_path / "film.html").read_text()
    assert main(["nobody", "--output", "film.html"]) == 2
    assert "error: There is no run" in capsys.readouterr().err


@pytest.fixture
def open_film(open_app):
    def open_at():
        app = open_app()
        app.switch_page("app_pages/training.py")
        app.session_state["film"] = True
        return app.run()

    return open_at


def test_the_page_shows_a_film_and_gives_it_away(run, open_film, sentences):
    app = open_film()
    assert sentences(app) == "" and "Make it" not in [button.label for button in app.button]
    assert len(app.get("iframe")) == 1
    assert [button.proto.label for button in app.get("download_button")] == ["HTML", "GIF"]
    (run.folder / "checkpoints" / "005000").mkdir()
    assert "Make it anew, with later checkpoints" in [button.label for button in open_film().button]


def test_a_film_is_made_on_demand(run, open_film, sentences, monkeypatch):
    begun = []
    monkeypatch.setattr("core.projection.film_gif.start", lambda file, command: begun.append(command))
    film_file(run).unlink()
    app = open_film()
    assert not app.get("iframe")
    next(button for button in app.button if button.label == "Make it").click().run()
    assert begun == [["film", str(run.folder)]]
    job = job_of(film_file(run))
    job.folder.mkdir(parents=True)
    with job.claim(), job.record(total=1):
        job.write(done=0.25)
        app = open_film()
        assert "Make it" not in [button.label for button in app.button]
        assert any("The film is being made" in text.value for text in app.markdown)
        assert any(bar.proto.text.startswith("25%") for bar in app.get("progress"))
    job.fail(UserError("There is no data folder x"))
    assert "There is no data folder x" in sentences(open_film())
    (run.folder / "checkpoints" / "004000").rmdir()
    assert "Make it" not in [button.label for button in open_film().button]  # nothing to make it of
