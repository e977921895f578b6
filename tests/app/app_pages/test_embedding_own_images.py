"""The page Embedding with galleries that lack labels or files, and with uploads."""

import io
import shutil

import pytest
from PIL import Image

from app.components.image_grid import BLANK
from app.embedding import texts
from app.shared import texts as shared_texts
from app.shared.keys import CHOSEN, PEOPLE
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages
PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def add_gallery(tmp_path, models):
    """Adds the gallery `own` of images 0.png, 1.png, ... with these identities and cameras; returns their folder."""

    def add(*labels: tuple[str, int | str]):
        folder = tmp_path / "images"
        folder.mkdir()
        lines = ["path,identity,camera"]
        for number, (identity, camera) in enumerate(labels):
            Image.effect_noise((40, 90), 20 + 10 * number).convert("RGB").save(folder / f"{number}.png")
            lines.append(f"{number}.png,{identity},{camera}")
        (folder / "labels.csv").write_text("\n".join(lines))
        gallery = create_gallery("own", tmp_path / "galleries", models / "pedestrians-mr_bcnn")
        add_folder(gallery, folder, "csv", folder / "labels.csv")
        describe_gallery(gallery, "cpu")
        return folder

    return add


def upload(app, **files: bytes):
    for name, content in files.items():
        app.file_uploader[0].upload(f"{name}.png", content)
    return app.run()


def photograph() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(file, "PNG")
    return file.getvalue()


def test_the_map_of_unlabelled_images_has_one_colour(open_embedding, maps, add_gallery, sentences):
    add_gallery(*[("", "")] * 5)
    app = open_embedding(gallery="own")
    assert sentences(app) == texts.NO_POINT and not [one for one in app.multiselect if one.key == PEOPLE]
    [sent] = maps(app)
    assert [label.split("\n")[-1] for label in sent["labels"]] == [f"{number}.png" for number in range(5)]
    assert [name for name, _ in sent["legend"]] == ["unknown"]


def test_only_neighbours_of_a_known_identity_are_marked(open_embedding, crops, add_gallery):
    add_gallery(*[(identity, camera) for identity in ("", "distractor", "a") for camera in (1, 2)])
    marks = {}
    for probe in ("0.png", "2.png", "4.png"):
        found = crops(open_embedding(gallery="own", probe=probe), "probe")
        marks[probe] = {crop["id"]: crop["mark"] for crop in found}
    assert set(marks["0.png"].values()) == set(marks["2.png"].values()) == {"unknown"}
    assert marks["4.png"] == {
        "0.png": "unknown",
        "1.png": "unknown",
        "2.png": "wrong",
        "3.png": "wrong",
        "5.png": "right",
    }


def test_an_image_whose_file_is_gone_is_blank(open_embedding, crops, add_gallery):
    (add_gallery(*[("a", 1), ("a", 2)] * 3) / "0.png").unlink()
    app = open_embedding(gallery="own", probe="1.png")
    assert {crop["id"] for crop in crops(app, "probe") if crop["src"] == BLANK} == {"0.png"}
    app.session_state[CHOSEN] = ["0.png", "1.png"]
    assert [crop["src"] == BLANK for crop in crops(app.run(), "strip")] == [True, False]
    assert crops(open_embedding(gallery="own", probe="0.png"), "alone")[0]["src"] == BLANK


def test_an_uploaded_photograph_needs_a_box(open_embedding, maps, crops, sentences):
    app = upload(open_embedding(), street=photograph())
    assert sentences(app) == shared_texts.NO_BOX.format(name="street.png")
    assert any('"boxes"' in each.proto.json for each in app.get("bidi_component")) and not maps(app)[0]["uploads"]
    app.query_params["box"] = "1,0.1,0.1,0.4,0.9"
    assert [star["name"] for star in maps(app.run())[0]["uploads"]] == ["street.png"] and len(crops(app, "probe")) == 10
    next(button for button in app.button if str(button.key).startswith("remove_")).click().run()
    assert sentences(app) == texts.NO_POINT


def test_a_box_that_is_too_small_is_a_warning_beside_the_map(open_embedding, maps, sentences):
    app = upload(open_embedding(), street=photograph())
    app.query_params["box"] = "1,0.1,0.1,0.11,0.12"
    assert "8 x 8 are needed" in sentences(app.run()) and len(maps(app)) == 1


def test_the_same_image_uploaded_twice_has_its_neighbours_twice(open_embedding, crops, people):
    content = (people / "query" / PROBE).read_bytes()
    assert len(crops(upload(open_embedding(), a=content, b=content), "probe")) == 2 * 10


def test_the_checkpoints_of_a_run_need_identities(open_embedding, add_gallery, sentences, checkpoint, tmp_path):
    add_gallery(*[("", "")] * 5)
    for step in (2, 4):
        shutil.copytree(checkpoint, tmp_path / "runs" / "mine" / "checkpoints" / f"{step:06d}")
    app = open_embedding(gallery="own")
    app.session_state["watch_a_run"] = True
    assert texts.NO_IDENTITIES in sentences(app.run())
