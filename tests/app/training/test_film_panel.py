"""The film on the page Training."""

import numpy as np
import pytest
from PIL import Image

from app.training import texts
from core.errors import UserError
from core.jobs.file_job import find_job
from core.jobs.progress import RUNNING
from core.presets import PRESETS
from core.projection.film import film_file
from core.projection.training_film import Film
from core.training.run_folder import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def film() -> Film:
    histograms = np.eye(3, 5, dtype=np.float32)
    return Film(
        "mine",
        "test identities of x",
        np.array(["1", "2", "2"]),
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
    film_file(run).with_suffix(".html").write_text("<p>the player</p>")
    return run


@pytest.fixture
def open_film(open_app):
    def open_at():
        app = open_app()
        app.switch_page("app_pages/training.py")
        app.session_state["film"] = True
        return app.run()

    return open_at


def test_the_page_shows_a_film_and_its_downloads(run, open_film, sentences):
    app = open_film()
    assert sentences(app) == "" and texts.RENDER_FILM not in [button.label for button in app.button]
    assert app.get("iframe")[0].proto.srcdoc == "<p>the player</p>"
    assert [button.proto.label for button in app.get("download_button")] == ["HTML", "GIF"]
    (run.folder / "checkpoints" / "005000").mkdir()
    assert texts.RENDER_FILM_AGAIN in [button.label for button in open_film().button]


def test_a_film_is_rendered_on_request(run, open_film, sentences, monkeypatch):
    started = []
    monkeypatch.setattr("core.projection.film.start_job", lambda file, command: started.append(command))
    film_file(run).with_suffix(".html").unlink()  # as in earlier versions
    assert texts.RENDER_FILM in [button.label for button in open_film().button]
    film_file(run).unlink()
    app = open_film()
    assert not app.get("iframe")
    next(button for button in app.button if button.label == texts.RENDER_FILM).click().run()
    assert started == [["film", str(run.folder)]]
    job = find_job(film_file(run))
    job.folder.mkdir(parents=True)
    with job.claim(), job.record(total=1):
        job.write(done=0.25)
        app = open_film()
        assert texts.RENDER_FILM not in [button.label for button in app.button]
        assert any(texts.FILM_STATES[RUNNING] in text.value for text in app.markdown)
        assert any(bar.proto.text.startswith("25%") for bar in app.get("progress"))
    job.fail(UserError("There is no data folder x"))
    assert "There is no data folder x" in sentences(open_film())
    (run.folder / "checkpoints" / "004000").rmdir()
    assert texts.RENDER_FILM not in [button.label for button in open_film().button]  # one checkpoint is too few
