"""All pages in read-only mode: no control that starts, changes or deletes, and no field for a path of the server."""

import pytest
from conftest import draw_person
from fuzzing.seeds import encode

from app.data import texts as data_texts
from app.embedding import texts as embedding_texts
from app.shared import texts as shared_texts
from app.shared.keys import DATA, GALLERY, UPLOADS
from app.training import texts as training_texts
from core.data.saved_datasets import save_dataset
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery
from core.presets import PRESETS
from core.training.run_folder import Run

pytestmark = pytest.mark.slow  # opens pages

PAGES = ["search", "data", "regions", "compare", "embedding", "training", "results"]
EXPANDERS = {  # keys of the expanders of a page that show more when they are open
    "data": ["data_sets", "evaluate_folder", "evaluation", "evaluation_station", "browse_station", "labels_station"],
    "training": ["film", "more_curves"],
}
FIELDS = {shared_texts.IMAGE}  # the name of an image of the gallery
FORBIDDEN = {
    *(data_texts.CREATE_GALLERY, data_texts.ADD_IMAGES, data_texts.UPDATE, data_texts.REINDEX, data_texts.STOP),
    *(data_texts.RENAME_GALLERY, data_texts.DELETE_GALLERY, data_texts.REMOVE_SOURCE, data_texts.REMOVE_IMAGES),
    *(data_texts.DELETE_DATA_SET, data_texts.SAVE_DATA_SET, data_texts.CREATE_GALLERY_OF_DATA_SET),
    *(data_texts.EVALUATE, data_texts.STOP_EVALUATION, data_texts.SAME_PERSON, data_texts.DIFFERENT_PERSON),
    *(data_texts.UNDO, data_texts.UPLOAD_GALLERY, data_texts.REMOVE_FROM_SERVER),
    *(training_texts.START, training_texts.ESTIMATE, training_texts.STOP, training_texts.RESUME),
    *(training_texts.DELETE_RUN, training_texts.TEST_RUN, training_texts.RENDER_FILM, embedding_texts.CREATE),
}
UPLOADERS = {shared_texts.UPLOAD}


@pytest.fixture
def server(people, models, tmp_path, monkeypatch, open_app):
    """A server with a gallery, a run and a saved data set, which became read-only. Returns how to open a page."""
    monkeypatch.setenv("MR_BCNN_MILVUS", "http://localhost:1")
    gallery = create_gallery("station", tmp_path / "galleries", models / "pedestrians-mr_bcnn")
    add_folder(gallery, people)
    describe_gallery(gallery, "cpu")
    run = Run.create(tmp_path / "runs" / "mine", *PRESETS["demo"]("mr_bcnn"), {"folder": str(people)})
    run.append("metrics.jsonl", step=10, time=1010.0, loss=0.1, learning_rate=1e-3)
    run.write_status(state="stopped", step=10)
    groups = [{"pattern": r".*(?P<identity>\d{4})_c\d.*"}]
    save_dataset("saved", {"images": groups}, people, tmp_path / "datasets")
    monkeypatch.setenv("MR_BCNN_READ_ONLY", "1")

    def open_page(page: str, **link):
        app = open_app(**link)
        app.switch_page(f"app_pages/{page}.py")
        for name, value in link.items():
            app.query_params[name] = value
        for key in EXPANDERS.get(page, []):
            app.session_state[key] = True
        return app.run()

    return open_page


@pytest.mark.parametrize("link", [{}, {GALLERY: "station"}], ids=["demo gallery", "named gallery"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_control_that_changes_the_server(page, link, server):
    app = server(page, **link)
    assert not app.exception
    assert {button.label for button in app.button if not button.disabled} & FORBIDDEN == set()
    assert {field.label for field in (*app.text_input, *app.text_area)} <= FIELDS
    assert {each.label for each in app.file_uploader} & {data_texts.ZIP, data_texts.IMAGES} == set()
    labels = {expander.label for expander in app.expander}
    assert labels & {data_texts.NEW_GALLERY, data_texts.ADD_IMAGES, training_texts.NEW_RUN} == set()
    if page in ("data", "training"):
        assert any(shared_texts.READ_ONLY in caption.value for caption in app.caption)


@pytest.mark.parametrize("page", ["data", "training"])
def test_without_the_variable_the_controls_are_there(page, server, monkeypatch):
    monkeypatch.delenv("MR_BCNN_READ_ONLY")
    app = server(page, **{GALLERY: "station"})
    assert {button.label for button in app.button} & FORBIDDEN
    assert not any(shared_texts.READ_ONLY in caption.value for caption in app.caption)


def test_a_path_in_the_link_is_not_read(server, tmp_path):
    app = server("data", **{DATA: str(tmp_path)})
    assert not app.exception
    page = "\n".join(each.value for each in (*app.markdown, *app.error, *app.info, *app.caption))
    assert str(tmp_path) not in page


def test_an_upload_stays_in_memory(server, tmp_path):
    app = server("search")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    app.file_uploader[0].set_value(("a.png", encode(draw_person(5, 1, 0), "PNG"), "image/png"))
    app.run()
    assert not app.exception and len(app.session_state[UPLOADS]) == 1
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert not any("uploads" in path.parts or path.suffix == ".png" for path in new)
