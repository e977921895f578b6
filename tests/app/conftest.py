"""The app over a tiny data set and untrained models, as the settings in the environment choose them."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

MAIN = Path(__file__).parents[2] / "app" / "main.py"


@pytest.fixture
def people(market, tmp_path) -> Path:
    """A data folder of the test's own: people 0005 to 0008, seen once by each of 3 cameras, and two distractors."""
    folder = shutil.copytree(market, tmp_path / "people")
    for camera in (1, 2):
        Image.new("RGB", (32, 80), (90, 90, 90)).save(folder / f"bounding_box_test/0000_c{camera}s1_000900_01.png")
    return folder


@pytest.fixture
def models(checkpoint, tmp_path) -> Path:
    """A checkpoint folder of the test's own, with the default model and a second one."""
    for name in ("pedestrians-mr_bcnn", "second"):
        shutil.copytree(checkpoint, tmp_path / "checkpoints" / name)
    return tmp_path / "checkpoints"


@pytest.fixture
def open_app(people, models, tmp_path, monkeypatch):
    """Opens the page at a link, given as its parameters."""
    for name, folder in {"DATA": people, "CHECKPOINTS": models, "RUNS": tmp_path / "runs"}.items():
        monkeypatch.setenv(f"MR_BCNN_{name}", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def open_at(**link: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def crops():
    """Reads the crops of one grid of the page: ranking, strip, start, alone or probe."""

    def read(app: AppTest, layout: str) -> list[dict]:
        grids = [json.loads(grid.proto.json) for grid in app.get("bidi_component") if "layout" in grid.proto.json]
        return [crop for grid in grids if grid["layout"] == layout for crop in grid["crops"]]

    return read


@pytest.fixture
def sentences():
    """All that the page tells in messages."""

    def read(app: AppTest) -> str:
        assert not app.exception, app.exception
        return "\n".join(message.value for message in (*app.error, *app.warning, *app.info))

    return read
