"""Model cards: what they read from a checkpoint, and the drawings of architectures."""

import json
import re
import shutil

import pytest

from app.shared import texts
from app.shared.architecture_drawing import draw_architecture
from app.shared.model_cards import filters_of, name_of, read_card, size_of
from app.shared.settings import DEFAULT_MODEL, EXPLAINED_MODEL
from core.config import NetworkConfig
from core.inference.provenance import IdentityHash, Provenance, TrainingRecord, write_provenance

TERMS = "Trained on drawn people only. For tests only. To train it again: `python`."


@pytest.fixture
def folder(checkpoint, tmp_path, monkeypatch):
    """A checkpoint with provenance, results and terms, as the folder of a shipped model."""
    folder = shutil.copytree(checkpoint, tmp_path / "checkpoints" / DEFAULT_MODEL)
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", str(folder.parent))
    config = json.loads((folder / "config.json").read_text())
    members = [{"name": "one", "training": "8 pictures, 2 identities"}, {"name": "two"}]
    (folder / "config.json").write_text(json.dumps(config | {"data": {"joined": members}}))
    both = [IdentityHash("a", "1"), IdentityHash("b", "2")]
    renamed = [IdentityHash("c", "1"), IdentityHash("d")]  # the first has the content of an identity above
    records = [
        TrainingRecord(checkpoint=name, data=name, trained=frozenset(identities))
        for name, identities in (("one", both), ("two", renamed))
    ]
    write_provenance(Provenance(tuple(records)), folder)
    for name, data, recall in (
        ("people-market1501-flip", "people", 90),
        ("people-market1501", "people", 80),
        ("x", "x", 1),
    ):
        (folder / "evaluations" / name).mkdir(parents=True)
        result = {"data": data, "summary": {"recall@1": recall, "mAP": recall - 10}}
        (folder / "evaluations" / name / "result.json").write_text(json.dumps(result))
    (folder / "card.md").write_text(f"# A model\n\n## Terms\n\n{TERMS}\n")
    return folder


def test_a_card_is_read_from_the_files_of_a_checkpoint(folder):
    card = read_card(folder, "people")
    assert card.training_data == "one: 8 images, 2 identities; two"
    assert card.identities == 3
    assert (card.recall, card.mean_precision) == (80, 70)  # without mirror images
    assert card.megabytes == (folder / "weights.safetensors").stat().st_size / 1e6
    assert card.terms == "Trained on drawn people only. For tests only."


def test_what_is_not_recorded_is_left_empty(checkpoint, tmp_path):
    bare = shutil.copytree(checkpoint, tmp_path / "bare")
    for name in ("provenance.json", "card.md"):
        (bare / name).unlink(missing_ok=True)
    card = read_card(bare, "people")
    assert (card.identities, card.recall, card.mean_precision, card.terms) == (None, None, None, "")


def test_names_to_show(folder):
    filters = NetworkConfig(**json.loads((folder / "config.json").read_text())["network"]).filters
    expected = texts.MODEL_WITH_SIZE.format(
        name=texts.MODEL_NAMES[DEFAULT_MODEL], size=texts.FILTERS.format(filters=filters)
    )
    assert name_of(DEFAULT_MODEL) == expected
    assert name_of("runs/mine") == "runs/mine"
    assert name_of(EXPLAINED_MODEL) == texts.MODEL_NAMES[EXPLAINED_MODEL]  # it is missing here
    assert len(set(texts.MODEL_NAMES.values())) == len(texts.MODEL_NAMES)
    ensemble, single = NetworkConfig(filters=64, groups=2), NetworkConfig(filters=16)
    assert (size_of(ensemble), size_of(single)) == ("2 networks", "16 filters")
    assert (filters_of(ensemble), filters_of(single)) == ("32 in each of 2 networks", "16")


@pytest.mark.parametrize(
    "architecture, steps",
    [
        ("cnn", ["3 parts", "1 network", "20 numbers"]),
        ("b_cnn", ["3 parts", "A", "B", "2 streams", "3 regions", "20 numbers"]),
        ("mr_bcnn", ["3 parts", "A", "B", "2 streams", "27 regions", "20 numbers"]),
    ],
)
def test_a_drawing_has_the_steps_of_the_architecture(architecture, steps):
    drawn = draw_architecture(NetworkConfig(architecture=architecture, descriptor=20))
    assert re.findall(r">([^<]+)</text>", drawn) == steps
    assert drawn.count("M") == len([step for step in steps if step not in "AB"]) - 1 + 4 * (architecture == "mr_bcnn")


@pytest.mark.slow
def test_the_dialog_shows_a_card_for_each_model(open_app, models, make_report):
    def open_cards() -> str:
        next(button for button in app.button if button.label == texts.ABOUT_MODELS).click().run()
        assert not app.exception
        return "\n".join(each.value for each in app.markdown)

    make_report(80.0).write(models / "second" / "evaluations" / "people-market1501")
    app = open_app(probe="0005_c1s1_000500_00.png")
    shown = open_cards()
    assert "80.0 %" in shown.replace("\\", "")
    assert texts.START_EXPLAIN in shown and texts.ARCHITECTURES["mr_bcnn"].replace("-", "\\-") in shown
    drawings = [each for each in app.get("bidi_component") if '"svg"' in each.proto.json]
    assert len(drawings) == 2
    make_report(55.0).write(models / "second" / "evaluations" / "people-market1501")  # evaluated again
    assert "55.0 %" in open_cards().replace("\\", "")
