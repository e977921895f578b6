"""The app over a tiny data set and untrained models, as the settings in the environment choose them."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest

from core.evaluation.report import EVALUATIONS, Report
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery
from core.inference.overlap import Overlap

MAIN = Path(__file__).parents[2] / "app" / "main.py"
config.set_option("runner.magicEnabled", False)  # as app/.streamlit/config.toml, which AppTest does not read


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
    for name, folder in {
        "DATA": people,
        "CHECKPOINTS": models,
        "RUNS": tmp_path / "runs",
        "GALLERIES": tmp_path / "galleries",
        "DATASETS": tmp_path / "datasets",
    }.items():
        monkeypatch.setenv(f"MR_BCNN_{name}", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("app.regions.top_activations.DELAY_S", 0)

    def open_at(**link: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def open_embedding(open_app):
    """Opens the page Embedding at a link, by default with PCA, because UMAP is too slow for a test."""

    def open_at(**link):
        app = open_app(**{"map": "PCA"} | link)
        app.switch_page("app_pages/embedding.py")
        for name, value in ({"map": "PCA"} | link).items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def maps():
    """Reads the data of the maps of the page Embedding."""

    def read(app):
        return [sent for each in app.get("bidi_component") if "palette" in (sent := json.loads(each.proto.json))]

    return read


@pytest.fixture
def go_back(monkeypatch):
    """Runs a page again at another link, as the browser's Back button does."""

    def run(app: AppTest, **link: str | list[str]) -> AppTest:
        for name in list(app.query_params):
            del app.query_params[name]
        for name, value in link.items():
            app.query_params[name] = value
        with monkeypatch.context() as patch:
            patch.setattr("app.shared.address.went_back", lambda: True)
            return app.run()

    return run


@pytest.fixture
def crops():
    """Reads the crops of one grid of the page: ranking, strip, start, alone or probe."""

    def read(app: AppTest, layout: str) -> list[dict]:
        assert not app.exception, app.exception
        grids = [json.loads(grid.proto.json) for grid in app.get("bidi_component") if "layout" in grid.proto.json]
        return [crop for grid in grids if grid["layout"] == layout for crop in grid["crops"]]

    return read


@pytest.fixture
def scenes():
    """Reads the scenes of a page by their labels."""

    def read(app) -> dict[str, list[dict]]:
        found = [json.loads(each.proto.json) for each in app.get("bidi_component") if "items" in each.proto.json]
        return {scene["label"]: scene["items"] for scene in found}

    return read


@pytest.fixture
def sentences():
    """All that the page tells in messages."""

    def read(app: AppTest) -> str:
        assert not app.exception, app.exception
        return "\n".join(message.value for message in (*app.error, *app.warning, *app.info))

    return read


@pytest.fixture
def make_report():
    """Makes a result on the tiny data set: two probes, of which the first one is found late."""

    def make(recall: float = 80.0, **changes) -> Report:
        curve = [min(100.0, recall + k) for k in range(50)]
        figures = {f"recall@{k}": curve[k - 1] for k in (1, 5, 10, 20)}
        maps = {"mAP": 70.0, "mAP_trapezoid": 69.0, "mAP_authors_2017": 50.0, "mINP": 40.0}
        result = {
            "architecture": "mr_bcnn",
            "filters": 4,
            "region_size": 5,
            "preset": "demo",
            "training_images": 12800,
            "trained_on": "people",
            "trained_for": "market1501",
            "data": "people",
            "layout": "market1501",
            "protocol": "market1501",
            "rule": "single query",
            "splits": [1],
            "tested_identities": Overlap(2).to_json(),
            "spread": {},
            "curve": curve,
            "people": [],
            "summary": figures | maps | {"probes": 2, "probes_without_answer": 0, "gallery": 12},
            "cameras": {"probe": [1, 2], "gallery": [1, 2], "recall@1": [[None, 60.0], [75.5, None]]},
        }
        probes = pd.DataFrame(
            {
                "path": ["query/0005_c1s1_000500_00.png", "query/0006_c2s1_000600_00.png"],
                "identity": ["0005", "0006"],
                "camera": [1, 2],
                "first_rank": [7.0, 1.0],
                "average_precision": [0.125, 1.0],
                "inp": [0.1, 1.0],
            }
        )
        return Report(result | changes, probes)

    return make


@pytest.fixture
def keep(tmp_path):
    """Keeps a result as that of a run; returns its folder."""

    def write(report: Report, run: str, below: str = "runs") -> Path:
        folder = tmp_path / below / run / EVALUATIONS / report.name
        report.write(folder)
        return folder

    return write


@pytest.fixture
def station(people, models, tmp_path, monkeypatch):
    """The gallery images of the data folder as a named gallery whose cameras have enough images."""
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 4)
    gallery = create_gallery("station", tmp_path / "galleries", models / "pedestrians-mr_bcnn")
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    return gallery


@pytest.fixture
def copied_gallery(people, models, tmp_path):
    """A named gallery `station` of another folder with the gallery images, indexed by the second model."""
    folder = shutil.copytree(people / "bounding_box_test", tmp_path / "elsewhere")
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, folder)
    describe_gallery(gallery, "cpu")
    return gallery
