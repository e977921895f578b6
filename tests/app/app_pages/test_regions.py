"""The page Regions without a browser."""

import io
import json
import re
import shutil
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from PIL import Image
from scenes import titles, words

from app.regions import shuffle_experiment, texts, top_activations
from app.regions.top_activations import FilterPair
from app.shared import texts as shared_texts
from core.data.records import Record
from core.evaluation.report import EVALUATIONS
from core.explain.activations import look_inside
from core.explain.top_activations import find_extremes
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import load
from core.models.bilinear_pooling import bilinear_pool
from core.models.network import build_network
from core.search.gallery import Gallery

pytestmark = pytest.mark.slow
PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def open_regions(open_app):
    """Open the page at a link, given as its parameters."""

    def open_at(**link: str | list[str]):
        app = open_app().switch_page("app_pages/regions.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


def formulas(app) -> str:
    return "\n".join(each.value for each in app.latex)


def numbers(words: list[str]) -> list[float]:
    """Return the number at the end of each text."""
    return [float(word.rpartition(" ")[2]) for word in words]


def locations(app) -> dict:
    """Return what the locations of the region send to the browser."""
    [sent] = [each.proto.json for each in app.get("bidi_component") if "spans" in each.proto.json]
    return json.loads(sent)


def put(models, architecture, name="second", **options) -> None:
    torch.manual_seed(7)
    network = build_network(architecture, filters=4, descriptor=20, batch_norm=True, **options)
    save_checkpoint(Checkpoint(network.eval()), models / name)


def test_the_page_shows_what_the_network_computes(open_regions, scenes, sentences, people, models):
    app = open_regions(probe=PROBE, region="13", entry="6")
    assert sentences(app) == ""
    shown = scenes(app)
    regions = look_inside(load(models / "pedestrians-mr_bcnn"), people / "query" / PROBE)
    energies = numbers(titles(shown[texts.IMAGE], "region"))
    np.testing.assert_allclose(energies, regions.energy.ravel(), rtol=1e-3)
    entries = titles(shown[texts.MATRIX.format(region="trunk, middle centre")], "entry")
    assert entries[6].startswith("i = 2, j = 3: ")
    np.testing.assert_allclose(numbers(entries), regions.matrices[13].ravel(), rtol=1e-3)
    cells = numbers(titles(shown[texts.MAPS.format(entry="i = 2, j = 3")], ""))
    np.testing.assert_allclose(cells, np.ravel(regions.filter_pair(13, 1, 2)), rtol=1e-3, atol=1e-6)
    assert r"23\text{ more}" in formulas(app)


def test_strongest_region_and_entry_come_first(open_regions, scenes, models, people):
    app = open_regions(probe=PROBE)
    regions = look_inside(load(models / "pedestrians-mr_bcnn"), people / "query" / PROBE)
    best = regions.matrices[regions.energy.argmax()]
    assert best.ravel()[app.pills[0].value] == pytest.approx(best.max(), rel=1e-4)
    assert any(label.startswith(texts.MATRIX.format(region="")) for label in scenes(app))


def test_the_first_demo_probe_is_the_default(open_regions, crops, sentences):
    app = open_regions()
    assert sentences(app) == "" and crops(app, "alone")[0]["title"] == shared_texts.PROBE_NAMED.format(name=PROBE)


@pytest.mark.parametrize("size, regions", [("15", 3), ("5", 27), ("3", 75), ("1", 675)])
def test_the_same_streams_are_pooled_at_every_region_size(open_regions, scenes, size, regions):
    app = open_regions(probe=PROBE, size=size)
    shown = scenes(app)
    assert len(titles(shown[texts.IMAGE], "region")) == regions
    row = shown[texts.COLUMNS]
    assert [item["text"] for item in row if item["kind"] == "text" and "regions" in item["text"]] == [
        "3 regions",
        "27 regions",
        "75 regions",
        "675 regions",
    ]


def test_models_are_compared_on_their_own_scales_or_on_one(open_regions, scenes, models):
    put(models, "cnn")
    app = open_regions(probe=PROBE, row="models")
    row = scenes(app)[texts.COLUMNS]
    words = [item["text"] for item in row if item["kind"] == "text"]
    assert {"Pedestrians MR B-CNN", "27 regions", "second", "675 regions"} <= set(words)
    own = words[words.index("675 regions") + 3]
    app.toggle[-1].set_value(True).run()
    words = [item["text"] for item in scenes(app)[texts.COLUMNS] if item["kind"] == "text"]
    ends = [words[place + 3] for place in (words.index("27 regions"), words.index("675 regions"))]
    assert ends[0] == ends[1] != own


def test_a_network_without_pooling_shows_its_locations(open_regions, scenes, sentences, models):
    put(models, "cnn")
    app = open_regions(probe=PROBE, model="second", region="300")
    assert texts.NO_REGION_SIZES.format(name="second") in sentences(app)
    assert len(titles(scenes(app)[texts.IMAGE], "region")) == 675
    assert len(titles(scenes(app)[texts.MATRIX.format(region="trunk, row 6, column 1")], "entry")) == 4


def test_a_network_without_pooling_has_lessons_of_its_own(open_regions, models):
    put(models, "cnn", name="pedestrians-cnn")
    app = open_regions(probe=PROBE, model="pedestrians-cnn", steps="true")
    captions = "\n".join(each.value for each in app.caption)
    assert texts.ENERGY_OF_FEATURES_LESSON in captions and texts.ENERGY_LESSON not in captions
    assert texts.TOP_ACTIVATIONS_OF_FILTER_LESSON in captions and texts.TOP_ACTIVATIONS_LESSON not in captions
    assert "Each row is the feature vector of one location." in captions
    assert not re.search("bilinear matrix of one region|both streams", captions)
    shown_name = shared_texts.MODEL_NAMES["pedestrians-cnn"]
    assert texts.NO_REGION_SIZES.format(name=shown_name) in [each.value for each in app.info]


def test_random_weights_give_other_energies(open_regions, scenes, models):
    put(models, "mr_bcnn")
    trained, random = (
        scenes(open_regions(probe=PROBE, model="second", random=value))[texts.IMAGE] for value in ("false", "true")
    )
    assert titles(trained, "region") != titles(random, "region")


def test_top_activations_of_a_filter_pair(open_regions, scenes, sentences):
    app = open_regions(probe=PROBE, region="13", entry="6")
    assert sentences(app) == ""
    crops = scenes(app)[texts.TOP_IMAGES]
    assert sum(item["kind"] == "image" for item in crops) == 12
    values = [float(item["text"]) for item in crops if item["kind"] == "text" and re.match(r"\d", item["text"])]
    assert len(values) == 12
    assert values[:6] == sorted(values[:6], reverse=True) and values[6:] == sorted(values[6:])
    assert values[0] > values[-1]
    assert "evenly spaced" not in "".join(each.value for each in app.caption)  # all images were searched


def test_top_activations_of_a_large_gallery_name_the_searched_images(open_regions, monkeypatch):
    monkeypatch.setattr(top_activations, "MAX_IMAGES", 8)
    app = open_regions(probe=PROBE)
    assert texts.SAMPLED.format(count=8, total=14) in [each.value for each in app.caption]


def test_all_else_is_shown_before_the_page_waits_for_top_activations(open_regions, scenes, monkeypatch):
    ended, waiting = Event(), []

    def find_later(*given, **more):
        ended.wait(60)
        return find_extremes(*given, **more)

    monkeypatch.setattr("core.explain.top_activations.find_extremes", find_later)
    monkeypatch.setattr(FilterPair, "wait", lambda pair: waiting.append(pair))
    app = open_regions(probe=PROBE)
    shown = scenes(app)
    assert texts.COLUMNS in shown and locations(app) and texts.TOP_IMAGES not in shown
    [progress] = app.get("progress")
    assert progress.proto.text == texts.SEARCHING.format(done=0, total=14)
    ended.set()
    assert waiting.pop().search.extremes.most.shape == (6, 27, 4, 4)
    assert texts.TOP_IMAGES in scenes(app.run()) and not waiting


def test_the_locations_of_a_region_add_up_to_its_bilinear_matrix(open_regions, people, models):
    sent = locations(open_regions(probe=PROBE, region="13", entry="6"))
    regions = look_inside(load(models / "pedestrians-mr_bcnn"), people / "query" / PROBE)
    pooled = bilinear_pool(torch.from_numpy(regions.a), torch.from_numpy(regions.b), 5).flatten(0, 1)
    a, b = np.array(sent["a"]), np.array(sent["b"])
    assert a.shape == b.shape == (25, 4)
    np.testing.assert_allclose(np.einsum("lm,ln->mn", a, b), pooled[13], rtol=1e-4)
    assert sent["energy"] == pytest.approx(np.linalg.norm(pooled[13]), rel=1e-5)
    assert (sent["first"], sent["size"], sent["entry"], sent["columns"]) == ([5, 5], 5, 6, 4)
    assert [spans[7] for spans in sent["spans"]] == [[21, 39], [24, 36], [12, 18], [14, 16], [7, 8]]


def test_an_ensemble_sends_the_filters_of_all_groups(open_regions, models):
    put(models, "mr_bcnn", groups=2)
    app = open_regions(probe=PROBE, model="second")
    sent = locations(app)
    assert (len(sent["a"][0]), len(sent["b"][0]), sent["columns"]) == (4, 4, 2)
    assert any(texts.GROUPS_LESSON.format(groups=2) in caption.value for caption in app.caption)


def test_the_descriptor_and_the_score_are_those_of_the_model(open_regions, scenes, sentences, people, models):
    app = open_regions(probe=PROBE, region="13", steps="true")
    assert sentences(app) == ""
    model = load(models / "pedestrians-mr_bcnn")
    [descriptor] = model.describe(people / "query" / PROBE)
    shown = scenes(app)
    values = numbers(titles(shown[texts.SCENE_OF.format(title=texts.DESCRIPTOR)], ""))
    np.testing.assert_allclose(values, descriptor, rtol=1e-3, atol=1e-6)
    best = Gallery.from_folder(people, model).search(descriptor, 1, None, Record(people / "query" / PROBE, "0005", 1))
    score = best["score"].iloc[0]
    strips = shown[texts.SCENE_OF.format(title=texts.BEST_MATCH.format(score=score))]
    products = numbers(titles(strips, ""))[2 * len(descriptor) :]
    assert sum(products) == pytest.approx(score, abs=1e-3)
    assert texts.BEST_MATCH_ROWS[1].format(name=Path(best["path"].iloc[0]).name) in words(strips)


@pytest.mark.parametrize("architecture", ["cnn", "b_cnn"])
def test_the_steps_of_other_architectures(open_regions, scenes, sentences, models, architecture):
    put(models, architecture, normalise_regions=architecture == "b_cnn")
    app = open_regions(probe=PROBE, model="second", steps="true", row="models")
    assert sentences(app) == ""
    rows, title = (675, texts.ALL_FEATURES) if architecture == "cnn" else (3, texts.ALL_MATRICES)
    shown = scenes(app)
    columns = 4 if architecture == "cnn" else 16
    assert texts.SCENE_OF.format(title=title.format(rows=rows, columns=columns)) in shown
    assert (texts.SCENE_OF.format(title=texts.NORMALISED) in shown) == (architecture == "b_cnn")
    assert bool(locations(app)["b"]) == (architecture == "b_cnn")


def test_the_descriptor_belongs_to_the_trained_region_size_and_weights(open_regions, sentences):
    assert texts.OTHER_SIZE_NO_DESCRIPTOR in sentences(open_regions(probe=PROBE, size="3", steps="true"))
    assert texts.RANDOM_HAS_NO_MATCH in sentences(open_regions(probe=PROBE, random="true", steps="true"))


def test_the_experiment_shows_the_invariances_and_the_measured_rank_1(
    open_regions, scenes, sentences, models, make_report
):
    for architecture, options in (("cnn", {}), ("b_cnn", {"region_size": 15})):
        put(models, architecture, f"pedestrians-{architecture}", **options)
    for architecture, recall in (("cnn", 61.5), ("mr_bcnn", 83.25)):
        report = make_report(recall)
        report.write(models / f"pedestrians-{architecture}" / EVALUATIONS / report.name)
    app = open_regions(probe=PROBE, moved="true")
    assert sentences(app) == ""
    table = app.table[0].value
    assert list(table.columns) == [shared_texts.MODEL_NAMES[name] for name in shuffle_experiment.MODELS]
    shift, halves, parts, regions, rank_1 = table.to_numpy()
    assert texts.UNCHANGED not in [*shift, *halves]
    assert [value == texts.UNCHANGED for value in parts] == [False, True, False]
    assert [value == texts.UNCHANGED for value in regions] == [False, True, True]
    assert table.index[-1] == texts.RANK_1.format(data=make_report().result["data"])
    assert list(rank_1) == ["61.5 %", texts.NOT_MEASURED, "83.2 %"]
    assert sum(item["kind"] == "image" for item in scenes(app)[texts.SHUFFLED_IMAGES]) == 3 + 3 * 3 + 1


def test_the_experiment_names_the_models_that_it_needs(open_regions, sentences, models):
    shutil.rmtree(models / "pedestrians-mr_bcnn")
    names = ", ".join(shared_texts.MODEL_NAMES[name] for name in shuffle_experiment.MODELS)
    assert texts.ONE_MODEL_MISSING.format(names=names) in sentences(open_regions(moved="true"))


@pytest.mark.parametrize(
    ("link", "part"),
    [
        ({"probe": "nobody.jpg"}, "There is no image nobody.jpg"),
        ({"model": "no"}, "model 'no'"),
        ({"size": "4"}, "size '4'"),
        ({"row": "x"}, "row 'x'"),
        ({"region": "27"}, "region '27'"),
        ({"region": "-1"}, r"region '\-1'"),
        ({"entry": "x"}, "entry 'x'"),
    ],
)
def test_unknown_value_in_the_link_gives_a_sentence(open_regions, scenes, sentences, link, part):
    app = open_regions(**link)
    assert part in sentences(app)
    assert scenes(app)


def test_an_upload_is_inspected(open_regions, scenes, sentences, people):
    app = open_regions(probe=PROBE)
    before = titles(scenes(app)[texts.IMAGE], "region")
    data = (people / "query" / "0008_c2s1_000800_00.png").read_bytes()
    app.file_uploader[0].upload("mine.png", data).run()
    assert sentences(app) == ""
    assert titles(scenes(app)[texts.IMAGE], "region") != before


def test_a_photograph_is_inspected_inside_its_box(open_regions, scenes, sentences):
    file = io.BytesIO()
    Image.effect_noise((400, 300), 80).convert("RGB").save(file, "PNG")
    app = open_regions()
    app.file_uploader[0].upload("street.png", file.getvalue()).run()
    assert not scenes(app) and "street" in sentences(app)  # asks for a box
    app.query_params["box"] = "1,0.1,0.1,0.3,0.9"
    app.run()
    assert sentences(app) == "" and scenes(app)
    assert [grid for grid in app.get("bidi_component") if '"boxes": [[0.1' in grid.proto.json]


def test_small_numbers_are_shown_with_a_power_of_ten(open_regions, scenes, models):
    """The initial weights of the paper give activations of thousandths."""
    torch.manual_seed(7)
    save_checkpoint(Checkpoint(build_network("mr_bcnn", filters=4, descriptor=20).eval()), models / "second")
    product = scenes(open_regions(probe=PROBE, model="second"))
    maps = next(items for label, items in product.items() if label.startswith(texts.MAPS.format(entry="")))
    powers = [word for word in words(maps) if "(in 10⁻" in word]
    numbers = [float(word) for word in words(maps) if re.fullmatch(r"\d+\.\d\d", word)]
    assert powers and len(numbers) == 75 and 1 <= max(numbers) < 100


def test_damaged_files_give_a_sentence(open_regions, sentences, people, models):
    (people / "query" / PROBE).write_bytes(b"")
    assert "is not an image" in sentences(open_regions(probe=PROBE))
    (models / "second" / "weights.safetensors").write_bytes(b"\x10" * 100)
    app = open_regions(probe="0006_c1s1_000600_00.png", model="second")
    assert "damaged" in sentences(app)
    shutil.rmtree(models)
    assert "python -m core train" in sentences(open_regions())


def test_top_activations_without_a_readable_image_are_an_error(open_regions, station, people, scenes):
    app = open_regions(gallery="station")
    shutil.rmtree(people / "bounding_box_test")
    app.file_uploader[0].upload(PROBE, (people / "query" / PROBE).read_bytes())
    shown = scenes(app.run())
    assert texts.IMAGE in shown and texts.TOP_IMAGES not in shown
    assert any("at least one image that can be read" in error.value for error in app.error)
