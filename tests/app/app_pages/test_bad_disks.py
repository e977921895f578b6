"""All folders of the app on a full or on a read-only disk: each page works, and says what it cannot store."""

import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from faults.disks import mounted

from app.data import texts as data_texts
from app.shared import texts
from app.shared.keys import GALLERY
from app.training import texts as training_texts
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery, list_galleries
from core.galleries.update import describe_gallery
from core.presets import PRESETS
from core.training.run_folder import Run

pytestmark = pytest.mark.slow  # opens pages

PAGES = ["search", "data", "regions", "compare", "embedding", "training", "results"]
FOLDERS = ("runs", "galleries", "datasets", "checkpoints")


@pytest.fixture
def disk(tmp_path, models, people, open_app, monkeypatch):
    """A disk with a gallery, a run, the checkpoints and the caches of the app."""
    with mounted(tmp_path / "disk", 60) as found:
        for name in FOLDERS:
            monkeypatch.setenv(f"MR_BCNN_{name.upper()}", str(found.folder / name))
        monkeypatch.setenv("XDG_CACHE_HOME", str(found.folder / "cache"))
        shutil.copytree(models, found.folder / "checkpoints")
        gallery = create_gallery("station", found.folder / "galleries", found.folder / "checkpoints" / "second")
        add_folder(gallery, people)
        describe_gallery(gallery, "cpu")
        run = Run.create(found.folder / "runs" / "mine", *PRESETS["demo"]("mr_bcnn"), {"folder": str(people)})
        run.append("metrics.jsonl", step=10, time=1010.0, loss=0.1, learning_rate=1e-3)
        run.write_status(state="stopped", step=10)
        yield found


@pytest.fixture(params=["full", "read-only"])
def bad_disk(disk, request):
    """The disk, full or read-only."""
    disk.leave_free(0)
    if request.param == "read-only":
        disk.make_read_only()
    return disk


@pytest.fixture
def open_page(open_app):
    def open_at(page: str, **link):
        app = open_app()
        for name, value in link.items():
            app.query_params[name] = value
        return app.switch_page(f"app_pages/{page}.py").run()

    return open_at


@pytest.mark.parametrize("page", PAGES)
def test_each_page_works(page, bad_disk, open_page):
    app = open_page(page, **{GALLERY: "station"})
    assert not app.exception and not app.error, [each.value for each in (*app.exception, *app.error)]


@pytest.mark.parametrize("page", ["search", "embedding"])
def test_the_demo_gallery_is_described_again_on_each_visit(page, bad_disk, open_page):
    app = open_page(page)
    assert not app.exception and not app.error, [each.value for each in (*app.exception, *app.error)]


def test_a_search_for_an_upload_works(bad_disk, open_page, people, crops):
    app = open_page("search")
    probe = Path(people, "query/0005_c1s1_000500_00.png")
    app.file_uploader[0].upload(probe.name, probe.read_bytes())
    app.run()
    assert crops(app, "ranking") and texts.NOT_STORED in [each.value for each in app.warning]


CAUSES = ("the disk has not enough free space", "the disk is read-only")


def test_a_gallery_that_cannot_be_stored_is_not_created(bad_disk, open_page, people):
    app = open_page("data")
    app.session_state["new_0"] = True  # opens the form
    app.run()
    field(app.text_input, data_texts.NAME).set_value("another").run()
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for path in (people / "query").iterdir():
            archive.write(path, path.name)
    app.file_uploader[0].set_value(("another.zip", file.getvalue(), "application/zip")).run()
    next(button for button in app.button if button.label == data_texts.CREATE_GALLERY).click().run()
    assert not app.exception and any(cause in each.value for each in app.error for cause in CAUSES)
    assert [gallery.name for gallery in list_galleries(bad_disk.folder / "galleries")] == ["station"]


def test_a_training_that_cannot_be_stored_does_not_start(bad_disk, open_page):
    app = open_page("training")
    app.session_state["new"] = True  # opens the form
    app.run()
    field(app.text_input, training_texts.NAME).set_value("another").run()
    app.button(key="begin").click().run()
    assert not app.exception and any(cause in each.value for each in app.error for cause in CAUSES)


def field(fields, label):
    return next(each for each in fields if each.label == label)
