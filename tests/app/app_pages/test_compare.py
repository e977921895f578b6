"""The page Compare without a browser."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_person
from orders import assert_same_order
from scenes import titles, words

from app.compare import texts
from app.compare.scenes import MAX_LINKS
from app.shared import texts as shared_texts
from core.data.records import Record
from core.explain.activations import look_inside
from core.explain.attribution import explain_match, explain_region_pair
from core.explain.part_contributions import summarise_parts
from core.explain.probe_shares import probe_shares
from core.explain.region_names import BIAS, SHARED
from core.geometry import PAPER
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import load
from core.models.network import build_network
from core.search.gallery import Gallery

pytestmark = pytest.mark.slow
PROBE, MATCH = "0005_c1s1_000500_00.png", "0006_c2s1_000601_01.png"


@pytest.fixture
def open_compare(open_app):
    """Open the page at a link, given as its parameters."""

    def open_at(**link: str | list[str]):
        app = open_app().switch_page("app_pages/compare.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def explained(people, models):
    """Compute the regions of a probe and a match, and the contributions from the baseline zero."""

    def explain(probe, match, name="pedestrians-mr_bcnn"):
        model = load(models / name)
        both = look_inside(model, people / "query" / probe), look_inside(model, people / "bounding_box_test" / match)
        return model, both, explain_match(model, *both)

    return explain


def number(title: str) -> float:
    return float(title.rpartition(": ")[2].replace("−", "-"))


def score(heading) -> float:
    return float(re.match(r"Score ([\d.−-]+)", heading.value)[1].replace("−", "-"))


def bars(app, key: int) -> dict:
    return json.loads(app.get("plotly_chart")[key].proto.spec)["data"][0]


def test_the_page_shows_the_contributions(open_compare, scenes, sentences, explained):
    app = open_compare(
        probe=PROBE, match=MATCH, pairs="true", **{"from": texts.ZERO, "beside": texts.NONE, "pair": "41"}
    )
    assert sentences(app) == ""
    model, _, why = explained(PROBE, MATCH)
    shown = scenes(app)
    pair = shown[texts.PAIR.format(name=MATCH)]
    for side in (0, 1):
        regions = [number(title) for title in titles(pair, f"pair0{side}")]
        np.testing.assert_allclose(regions, why.of_regions[side], atol=1e-4)
    links = [item for item in pair if item["kind"] == "link"]
    strengths = np.abs(why.region_pairs).ravel()
    order = np.argsort(-strengths)
    chosen = sorted((item["id"] for item in links), key=lambda pair: -strengths[pair])
    assert_same_order(chosen, order, strengths[order], top=MAX_LINKS)
    assert all((item["tone"] == "for") == (number(item["title"]) >= 0) for item in links)
    table = [number(title) for title in titles(shown[texts.TABLE], "table")]
    np.testing.assert_allclose(np.reshape(table, (28, 28)), why.terms, atol=1e-4)
    filters = [number(title) for title in titles(shown[texts.FILTER_PAIRS], "")]
    np.testing.assert_allclose(np.reshape(filters, (2, 4, 4)), explain_region_pair(model, why, 1, 14), atol=1e-4)
    assert score(app.subheader[0]) == pytest.approx(why.score, abs=6e-4)


def test_the_page_begins_with_the_parts_for_and_against(open_compare, explained):
    app = open_compare(probe=PROBE, match=MATCH, **{"from": texts.ZERO, "beside": texts.NONE})
    *_, why = explained(PROBE, MATCH)
    summary = summarise_parts(why.of_regions[0].reshape(3, 9).sum(1), PAPER.part_names)
    assert summary in [each.value for each in app.markdown]


def test_details_are_folded_until_they_are_opened(open_compare, scenes):
    app = open_compare(probe=PROBE, match=MATCH)
    assert not app.get("plotly_chart") and texts.TABLE not in scenes(app)
    app.query_params["pairs"] = "true"
    assert texts.TABLE in scenes(app.run())


def test_bars_add_up_to_the_score(open_compare, explained):
    app = open_compare(probe=PROBE, match=MATCH, bars="true", **{"from": texts.ZERO, "beside": texts.NONE})
    *_, why = explained(PROBE, MATCH)
    data = bars(app, 0)
    assert sum(data["x"][:-1]) == pytest.approx(why.score, abs=1e-6)
    assert data["measure"][-1] == "total" and float(data["text"][-1]) == pytest.approx(why.score, abs=6e-4)
    assert data["y"][0] == BIAS and data["x"][0] == pytest.approx(why.rest[0], abs=1e-6)


def test_the_explanation_can_be_downloaded_as_a_print_figure(open_compare):
    app = open_compare(probe=PROBE, match=MATCH, beside=texts.NONE)
    assert [button.label for button in app.download_button] == [
        texts.PRINT_FIGURE.format(format=format) for format in ("PDF", "SVG", "PNG")
    ]


def test_the_mean_image_as_baseline_gives_the_same_score(open_compare, explained):
    app = open_compare(probe=PROBE, match=MATCH, bars="true", beside=texts.NONE)
    *_, why = explained(PROBE, MATCH)
    data = bars(app, 0)
    assert data["y"][0] == SHARED
    assert sum(data["x"][:-1]) == pytest.approx(why.score, abs=1e-6)
    assert data["x"][0] != pytest.approx(why.rest[0], abs=1e-3)


def test_the_first_result_is_the_default_match(open_compare, open_app, crops, scenes):
    best = crops(open_app(probe=PROBE), "ranking")[0]
    app = open_compare(probe=PROBE)
    assert texts.PAIR.format(name=best["id"]) in scenes(app)
    assert ": rank 1, " in app.subheader[0].value
    assert score(app.subheader[0]) == pytest.approx(float(best["left"]), abs=1.1e-3)


def test_the_rank_of_a_match_is_known_without_the_whole_ranking(open_compare, people, models, monkeypatch):
    for number in range(20):
        draw_person(30 + number, 2, 1).save(people / "bounding_box_test" / f"{30 + number:04d}_c2s1_000000_00.png")
    model = load(models / "pedestrians-mr_bcnn")
    probe = Record(people / "query" / PROBE, "0005", 1)
    whole = Gallery.from_folder(people, model).search(model.describe([probe.path])[0], 40, None, probe)
    right = whole["identity"] == "0005"
    last = whole[~right].iloc[-1]
    tops, search = [], Gallery.search

    def counted(gallery, descriptor, top, *given, **more):
        tops.append(top)
        return search(gallery, descriptor, top, *given, **more)

    monkeypatch.setattr(Gallery, "search", counted)
    app = open_compare(probe=PROBE, match=Path(last["path"]).name)
    assert not app.exception and tops == [12] and last["rank"] > 30
    heads = [head.value for head in app.subheader]
    assert f"rank {last['rank']}, {shared_texts.FALSE_MATCH}" in heads[0]
    assert f"rank {whole[right].iloc[0]['rank']}, {shared_texts.TRUE_MATCH}" in heads[1]


def test_a_false_match_is_compared_with_the_best_true_match(open_compare, scenes, sentences):
    app = open_compare(probe=PROBE, match=MATCH, bars="true")
    assert sentences(app) == ""
    assert [control.value for control in app.segmented_control] == [texts.MEAN_IMAGE, texts.BEST_TRUE_MATCH]
    heads = [head.value for head in app.subheader]
    assert shared_texts.FALSE_MATCH in heads[0] and shared_texts.TRUE_MATCH in heads[1]
    pairs = [label for label in scenes(app) if label.startswith("The probe and")]
    assert len(pairs) == 2 and pairs[1].startswith("The probe and 0005")
    data = bars(app, 1)
    start, end = data["x"][0], float(data["text"][-1])
    assert sum(data["x"][:-1]) == pytest.approx(end, abs=6e-4)
    scores = sorted(score(head) for head in app.subheader[:2])
    assert [round(start, 3), end] == pytest.approx(scores, abs=1e-3)


@pytest.mark.parametrize("architecture, regions", [("b_cnn", 3), ("cnn", 675)])
def test_other_architectures(open_compare, scenes, sentences, models, explained, architecture, regions):
    torch.manual_seed(7)
    network = build_network(architecture, filters=4, descriptor=20, batch_norm=True)
    save_checkpoint(Checkpoint(network.eval()), models / "second")
    app = open_compare(probe=PROBE, match=MATCH, model="second", bars="true", check="true", **{"from": texts.ZERO})
    assert sentences(app) == ""
    *_, why = explained(PROBE, MATCH, "second")
    assert len(titles(scenes(app)[texts.PAIR.format(name=MATCH)], "pair00")) == regions
    assert sum(bars(app, 0)["x"][:-1]) == pytest.approx(why.score, abs=1e-6)
    assert any(caption.value.startswith(texts.LOCATIONS_EXACT) for caption in app.caption)


def test_the_deletion_test_follows_the_prediction(open_compare, sentences):
    app = open_compare(probe=PROBE, match=MATCH, check="true", beside=texts.NONE)
    assert sentences(app) == ""
    predicted, recomputed, painted, reverse = json.loads(app.get("plotly_chart")[-1].proto.spec)["data"][:4]
    assert predicted["x"] == list(range(28))
    np.testing.assert_allclose(recomputed["y"], predicted["y"], atol=1e-5)
    assert painted["y"][0] == pytest.approx(predicted["y"][0], abs=1e-5)
    assert reverse["y"][-1] == pytest.approx(predicted["y"][-1])


def test_an_upload_is_compared(open_compare, scenes, sentences, people):
    app = open_compare(probe=PROBE)
    app.file_uploader[0].upload("mine.png", (people / "bounding_box_test" / MATCH).read_bytes()).run()
    assert sentences(app) == ""
    assert texts.PAIR.format(name=MATCH) in scenes(app)
    assert app.subheader[0].value == "Score 1.000: rank 1"
    assert len(app.segmented_control) == 1  # an upload has no identity, so it has no true match


def test_several_uploads_are_explained_by_their_mean_descriptor(open_compare, sentences, people, models):
    """The score and the rank are those of the page Search; one image after the other is explained."""
    names = [MATCH, "0008_c3s1_000801_01.png"]
    app = open_compare(probe=PROBE)
    for name in names:
        app.file_uploader[0].upload(name, (people / "bounding_box_test" / name).read_bytes())
    app.run()
    model = load(models / "pedestrians-mr_bcnn")
    descriptors = model.describe([people / "bounding_box_test" / name for name in names])
    ranking = Gallery.from_folder(people, model).search(descriptors)
    best = ranking["score"].iloc[0]
    [match] = [number for number, name in enumerate(names) if name == Path(ranking["path"].iloc[0]).name]
    shares = probe_shares(descriptors, descriptors[match])
    for explained in (0, 1):
        assert sentences(app) == ""
        assert app.subheader[0].value == f"Score {best:.3f}: rank 1"
        listed = next(one.value for one in app.markdown if one.value.startswith("**Mean descriptor"))
        assert [float(re.search(r": (\d\.\d+)", line)[1]) for line in listed.splitlines()[2:]] == pytest.approx(
            shares, abs=6e-4
        )
        assert listed.splitlines()[2 + explained].endswith("*)")
        chooser = next(each for each in app.selectbox if each.label == shared_texts.WHICH_UPLOAD)
        assert chooser.options == names
        chooser.select_index(1).run()


def test_a_match_that_is_the_second_result_itself_is_a_sentence(open_compare, people):
    """Without it, the selected button would do nothing."""
    true = [file.name for file in (people / "bounding_box_test").glob("0005_c[23]*")]
    said = []
    for name in true:
        app = open_compare(probe=PROBE, match=name, beside=texts.BEST_TRUE_MATCH)
        said.append(texts.ALREADY_COMPARED[texts.BEST_TRUE_MATCH] in [one.value for one in app.caption])
        assert len(app.subheader) == (1 if said[-1] else 2)
    assert len(true) > 1 and sum(said) == 1


def test_the_rank_on_the_page_search_is_shown(open_compare, sentences):
    app = open_compare(probe=PROBE, match=MATCH, after="7")
    assert texts.MOVED.format(after=7) in [one.value for one in app.markdown]
    app = open_compare(probe=PROBE, match=MATCH, after="x")
    assert not [one for one in app.markdown if "page Search" in one.value] and sentences(app) == ""


def test_a_probe_without_true_matches_is_compared(open_compare, sentences, people):
    for file in (people / "query").iterdir():
        file.rename(file.with_name(f"9{file.name[1:]}"))
    app = open_compare()
    assert sentences(app) == "" and app.subheader[0].value.startswith("Score ")
    app = open_compare(probe=f"9{PROBE[1:]}")
    assert texts.NOTHING_TO_COMPARE_WITH[texts.BEST_TRUE_MATCH] in [one.value for one in app.caption]


def test_the_probes_own_image_is_not_ranked(open_compare, sentences):
    app = open_compare(probe=PROBE, match=PROBE)
    assert sentences(app) == ""
    assert texts.SCORE.format(score=1, facts=texts.NOT_RANKED) in app.subheader[0].value


@pytest.mark.parametrize(
    ("link", "part"),
    [
        ({"probe": "nobody.jpg"}, "There is no image nobody.jpg"),
        ({"match": "nobody.jpg"}, "There is no image nobody.jpg"),
        ({"model": "no"}, "model 'no'"),
        ({"from": "x"}, "from 'x'"),
        ({"beside": "x"}, "beside 'x'"),
        ({"pair": "729"}, "pair '729'"),
    ],
)
def test_unknown_value_in_the_link_gives_a_sentence(open_compare, scenes, sentences, link, part):
    app = open_compare(**link)
    assert part in sentences(app)
    assert any(label.startswith("The probe and") for label in scenes(app))


def test_a_damaged_match_gives_a_sentence(open_compare, sentences, people):
    app = open_compare(probe=PROBE, match=MATCH)
    (people / "bounding_box_test" / MATCH).write_bytes(b"")
    assert "is not an image" in sentences(app.run())


def test_another_page_names_the_model(open_compare, scenes):
    app = open_compare(probe=PROBE, match=MATCH, **{"with": "second"})
    assert app.selectbox[0].value == "second"


def test_a_scene_names_probe_and_match(open_compare, scenes):
    pair = scenes(open_compare(probe=PROBE, match=MATCH))[texts.PAIR.format(name=MATCH)]
    assert words(pair)[0] == texts.PROBE and any(word.endswith(shared_texts.FALSE_MATCH) for word in words(pair))


def test_values_in_links_of_earlier_versions_are_understood(open_compare, sentences):
    app = open_compare(probe=PROBE, match=MATCH, **{"from": "nothing", "beside": "first wrong"})
    assert sentences(app) == ""
    assert [control.value for control in app.segmented_control] == [texts.ZERO, texts.BEST_FALSE_MATCH]
    app.segmented_control[0].set_value(texts.MEAN_IMAGE).run()
    assert sentences(app) == "" and app.segmented_control[0].value == texts.MEAN_IMAGE


def test_an_image_whose_file_is_gone_blocks_no_other_pair(open_compare, sentences, scenes, station, people):
    next((people / "bounding_box_test").glob("0008*")).unlink()
    app = open_compare(gallery="station", probe="0005_c1s1_000501_01.png", match=MATCH)
    assert sentences(app) == "" and texts.PAIR.format(name=MATCH) in scenes(app)
