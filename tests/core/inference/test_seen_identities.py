"""Trainings record their identities, descendants inherit the records, and every evaluation states the overlap."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks import write_cuhk03_folder, write_cuhk03_mat
from conftest import draw_person, write_market

from core import presets
from core.cli.main import main
from core.data.datasets import read_dataset
from core.evaluation.evaluate import evaluate_models
from core.evaluation.protocols import PROTOCOLS, splits_to_score
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.inference.model import Model
from core.inference.provenance import Provenance, TrainingRecord, hash_identities
from core.models.network import Network, build_network

pytestmark = pytest.mark.slow  # trains


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Reduce the preset fast to one step of a tiny network, and run commands in a temporary folder."""
    original = presets.PRESETS["fast"]

    def shrunk(architecture):
        network, training = original(architecture)
        training = replace(training, steps=1, identities=2, images_per_identity=2, validation_identities=1, average=0)
        return replace(network, filters=2, descriptor=8), training

    monkeypatch.setitem(presets.PRESETS, "fast", shrunk)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> None:
    assert main([str(one) for one in arguments]) == 0


def evaluated(checkpoint: object, data: object, *more: str) -> dict:
    run("evaluate", checkpoint, data, "--json", "figures.json", *more)
    return json.loads(Path("figures.json").read_text())


def seen(checkpoint: object, data: object, *more: str) -> int | str:
    return evaluated(checkpoint, data, *more)["tested_identities"]["seen"]


def cuhk03_of_six(folder: Path, test_sets) -> Path:
    return write_cuhk03_mat(folder / "cuhk-03.mat", people=(6, 4, 1, 1, 1), test_sets=test_sets)


TESTED = [[(1, 1), (2, 1)], [(1, 2), (2, 2)], [(1, 3), (1, 4)], [(1, 5), (1, 6)], [(2, 3), (2, 4)]]


def test_run_records_its_identities(tiny):
    data = cuhk03_of_six(tiny, TESTED)
    run("train", data, "--run", "one", "--split", 1)
    checkpoint = load_checkpoint("runs/one")
    (record,) = checkpoint.provenance.records
    dataset = read_dataset(data)
    split = PROTOCOLS["cuhk03-classic"].divide(dataset, 1)
    assert record.trained == hash_identities(dataset, split.train)
    assert record.validated == hash_identities(dataset, split.validation)
    assert (record.checkpoint, record.data, record.split) == ("one", "cuhk03-detected", 1)
    assert (record.protocol, record.origin) == ("cuhk03-classic", "official test set 1")
    assert record.samples == checkpoint.training_images == 1 * 2 * 2
    assert checkpoint.provenance.unknown == ()


def test_other_split_has_other_test_identities(tiny, capsys):
    data = cuhk03_of_six(tiny, TESTED)
    run("train", data, "--run", "one")
    assert evaluated("runs/one", data)["splits"] == [1]
    assert seen("runs/one", data) == 0
    assert "None of the 2 tested identities is in the training record." in capsys.readouterr().out
    figures = evaluated("runs/one", data, "--split", "2")
    assert figures["tested_identities"]["seen"] == figures["test_people_trained_on"] == 2
    assert "2 of 2 tested identities are in the training record" in capsys.readouterr().out


def test_seeded_split_differs_from_the_official_split_of_the_same_number(tiny):
    """Train on a random split, then test with the official test sets."""
    images = tiny / "images_detected"
    images.mkdir()
    for person in [*(f"1_{number:03d}" for number in range(1, 310)), "2_001"]:
        for name in (f"{person}_1_01.png", f"{person}_2_06.png"):
            (images / name).write_text(name)  # not images, but their contents differ
    pool = read_dataset(images)
    drawn = PROTOCOLS["cuhk03-classic"].divide(pool, 1)
    record = TrainingRecord(
        "mine",
        pool.name,
        "cuhk03-classic",
        1,
        drawn.origin,
        trained=frozenset(hash_identities(pool, drawn.train)),
        validated=frozenset(hash_identities(pool, drawn.validation)),
    )
    official = replace(pool, test_sets=[[f"1_{person:03d}" for person in range(1, 101)]] * 5)
    expected = len(set(official.test_sets[0]) - {one.identity for one in drawn.query})
    assert expected > 50
    provenance, about = Provenance((record,)), {"layout": "cuhk03-detected", "protocol": "cuhk03-classic"}
    about |= {"split": 1, "origin": drawn.origin}
    for dataset, numbers, seen in ((pool, [1], 0), (official, [1, 2, 3, 4, 5], expected)):
        splits = splits_to_score(PROTOCOLS["cuhk03-classic"], dataset, about, None, provenance)
        assert [split.number for split in splits] == numbers
        assert provenance.overlap(hash_identities(dataset, splits[0].tested)).seen == seen


def test_default_split_is_never_a_training_split(tiny):
    """The same command, but with the official test sets in the folder of the images."""
    images = write_cuhk03_folder(tiny / "data", people=(6, 4, 1, 1, 1))
    cuhk03_of_six(tiny / "data", TESTED)
    run("train", images / "images_detected", "--run", "one", "--split", 1)
    other = [TESTED[1], TESTED[0], *TESTED[2:]]
    (tiny / "data" / "cuhk-03.mat").unlink()
    moved = shutil.copytree(images, tiny / "again")
    cuhk03_of_six(moved, other)
    figures = evaluated("runs/one", moved / "images_detected")
    assert figures["splits"] == [1, 2, 3, 4, 5] and figures["tested_identities"]["tested"] == 10
    assert figures["tested_identities"]["seen"] == 8


def test_init_join_and_pack_inherit_ancestors(tiny):
    data = cuhk03_of_six(tiny, TESTED)
    run("train", data, "--run", "first", "--split", 1)
    run("train", data, "--run", "second", "--split", 2, "--init", "runs/first")
    second = load_checkpoint("runs/second")
    assert [one.checkpoint for one in second.provenance.records] == ["second", "first"]
    assert second.training_images == 8
    # the first run used both identities of split 2 for training, or one for validation
    assert seen("runs/second", data, "--split", "2") == 2
    assert evaluated("runs/second", data)["splits"] == [1, 2, 3, 4, 5]
    run("train", data, "--run", "third", "--split", 2)
    assert seen("runs/third", data, "--split", "2") == 0
    run("join", "runs/second", "runs/third", "--data", data, "--output", "joint")
    joint = load_checkpoint("joint")
    assert [one.checkpoint for one in joint.provenance.records] == ["second", "first", "third"]
    assert joint.training_images == 12
    market = write_market(tiny / "market")
    run("pack", "joint", market, "--output", "packed")
    assert load_checkpoint("packed").provenance == joint.provenance
    assert seen("packed", data, "--split", "2") == 2
    card = Path("packed/card.md").read_text()
    assert (
        "- first: cuhk03-detected, 6 training identities and 3 validation identities (split 1, official test set 1"
        in card
    )
    assert "None of the 4 tested identities is in the training record." in card
    run("train", data, "--run", "fourth", "--split", 2, "--init", "runs/second")
    assert len(load_checkpoint("runs/fourth").provenance.records) == 3


def test_ancestor_without_a_record_gives_unknown(tiny, checkpoint, capsys):
    original = presets.PRESETS["fast"]("mr_bcnn")[0]
    save_checkpoint(Checkpoint(Network(original).eval()), tiny / "foreign")
    data = write_market(tiny / "people", people=12)
    run("train", data, "--run", "child", "--init", "foreign")
    capsys.readouterr()
    assert seen("runs/child", data) == "unknown"
    assert "Unknown: there is no record of the training identities of foreign." in capsys.readouterr().out
    assert seen(checkpoint, data) == "unknown"
    assert load_checkpoint("runs/child").provenance.unknown == ("foreign",)


def test_resumed_run_keeps_deleted_ancestors(tiny):
    data = write_market(tiny / "people", people=12)
    run("train", data, "--run", "first")
    run("train", data, "--run", "second", "--init", "runs/first", "--steps", 2, "--set", "checkpoint_every=1")
    kept = load_checkpoint("runs/second").provenance
    shutil.rmtree("runs/first")
    settings = json.loads(Path("runs/second/config.json").read_text())
    settings["training"]["steps"] = 3
    Path("runs/second/config.json").write_text(json.dumps(settings))
    run("train", data, "--run", "second", "--resume")
    newest = load_checkpoint("runs/second/checkpoints/000003").provenance
    assert [one.checkpoint for one in newest.records] == ["second", "first"]
    assert newest.records[1] == kept.records[1] and newest.records[0].samples == 12


def test_run_of_an_older_version_has_no_record(tiny):
    data = write_market(tiny / "people", people=12)
    run("train", data, "--run", "one", "--steps", 2, "--set", "checkpoint_every=1")
    for file in Path("runs/one").rglob("provenance.json"):
        file.unlink()
    settings = json.loads(Path("runs/one/config.json").read_text())
    settings["training"]["steps"] = 3
    Path("runs/one/config.json").write_text(json.dumps(settings))
    run("train", data, "--run", "one", "--resume")
    found = load_checkpoint("runs/one/checkpoints/000003").provenance
    assert found.unknown == ("one up to step 2",) and found.records[0].trained


# --- identity folders


def people_folder(root: Path, people: range) -> Path:
    for person in people:
        (root / f"p{person:02d}").mkdir(parents=True)
        for camera in (1, 2):
            for shot in range(2):
                draw_person(person, camera, shot).save(root / f"p{person:02d}" / f"c{camera}_{shot}.png")
    return root


def test_identity_folders_hold_out_test_identities(tiny, capsys):
    data = people_folder(tiny / "mine", range(12))
    run("train", data, "--run", "one")
    figures = evaluated("runs/one", data)
    assert figures["tested_identities"] == {
        "tested": 6,
        "seen": 0,
        "trained_on": 0,
        "validated_on": 0,
        "no_record_of": [],
    }
    result = json.loads(Path("runs/one/evaluations/mine-identity-folders/result.json").read_text())
    assert "held out of the training" in result["rule"]
    assert seen("runs/one", data, "--protocol", "all-identities") == 6  # 5 training identities, 1 validation identity
    copied = shutil.copytree(data, tiny / "another name")
    for person in range(12):
        (copied / f"p{person:02d}").rename(copied / f"renamed {person}")
    assert seen("runs/one", copied, "--protocol", "all-identities") == 6
    assert seen("runs/one", people_folder(tiny / "others", range(20, 32)), "--protocol", "all-identities") == 0
    capsys.readouterr()


def test_run_on_all_identities_is_marked(tiny, capsys):
    data = people_folder(tiny / "mine", range(6))
    run("train", data, "--run", "all", "--protocol", "all-identities")
    capsys.readouterr()
    assert seen("runs/all", data) == 3
    assert seen("runs/all", data, "--protocol", "all-identities") == 6
    assert "6 of 6 tested identities are in the training record" in capsys.readouterr().out
    assert (
        main(["evaluate", "runs/all", str(people_folder(tiny / "few", range(3)))]) == 2
    )  # on other identities, by default
    assert "at least 4 are needed" in capsys.readouterr().err


def test_runs_of_older_versions_on_identity_folders_resume(tiny):
    data = people_folder(tiny / "mine", range(6))
    run("train", data, "--run", "old", "--protocol", "market1501")
    assert load_checkpoint("runs/old").data["protocol"] == "all-identities"


# --- evaluations of several models


def test_overlaps_of_several_splits_are_added(tiny):
    dataset = read_dataset(cuhk03_of_six(tiny, TESTED))
    classic = PROTOCOLS["cuhk03-classic"]
    splits = [classic.divide(dataset, number) for number in (1, 2)]
    models = []
    for split, other in zip(splits, (splits[1], splits[1]), strict=True):
        record = TrainingRecord("r", "cuhk03", trained=frozenset(hash_identities(dataset, other.train)))
        network = build_network("mr_bcnn", 2, descriptor=8, batch_norm=True).eval()
        models.append((Model(Checkpoint(network, provenance=Provenance((record,)))), split))
    report = evaluate_models(models, dataset, classic)
    trained = {one.identity for one in splits[1].train}
    expected = len(trained & {one.identity for one in splits[0].query})
    assert report.result["tested_identities"]["tested"] == 4
    assert report.overlap.seen == expected > 0
