"""The command `ensemble`: its scores are those of its members together, and it inherits their provenance."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_person

from core.cli.main import main
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.inference.model import load
from core.inference.provenance import IdentityHash, Provenance, TrainingRecord
from core.models.network import build_network
from core.presets import fast

DATA = {"layout": "market1501", "protocol": "market1501", "split": 1}
PEOPLE = [draw_person(i, 1, 0) for i in range(6)]


@pytest.fixture
def members(tmp_path) -> list[Path]:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for seed, folder in enumerate(folders):
        torch.manual_seed(seed)
        network = build_network("mr_bcnn", 2, descriptor=8, batch_norm=True, normalise_regions=True)
        network.train()(torch.randint(0, 256, (8, 3, 160, 60)))
        data = DATA | {"name": f"set {folder.name}", "training": f"{seed + 5} images"}
        training = fast("mr_bcnn")[1]  # batches of 64
        save_checkpoint(Checkpoint(network.eval(), training, data, {"step": 10}), folder)
    return folders


def test_ensemble_scores_approximate_the_mean_of_its_members(members, market, tmp_path, capsys):
    joint = tmp_path / "joint"
    assert (
        main(["ensemble", *map(str, members), "--data", str(market), "--output", str(joint), "--terms", "Free."]) == 0
    )
    described = load(joint).describe(PEOPLE)
    assert described.shape == (6, 24)
    scores = np.mean([each @ each.T for each in (load(folder).describe(PEOPLE) for folder in members)], axis=0)
    assert (
        np.corrcoef((described @ described.T).ravel(), scores.ravel())[0, 1] > 0.98
    )  # the lengths of the members' descriptors differ by image
    spread = np.square(load(joint).describe(PEOPLE + [draw_person(i, 2, 0) for i in range(6)])).mean(0)
    assert spread[:6].sum() > 0.8  # the axes are sorted by variance
    assert load_checkpoint(joint).training_images == 3 * 10 * 64
    card = (joint / "card.md").read_text()
    assert "6 filters in 3 groups" in card and "- two: set two, 6 images" in card and "Free." in card
    assert card in capsys.readouterr().out


def test_ensemble_inherits_the_training_records_of_its_members(members, market, tmp_path):
    """One of three members has no record and is listed as unknown."""
    joint, records = tmp_path / "joint", []
    for folder in members[:2]:
        records.append(TrainingRecord(folder.name, "set", samples=640, trained=frozenset({IdentityHash(folder.name)})))
        save_checkpoint(replace(load_checkpoint(folder), provenance=Provenance((records[-1],))), folder)
    main(["join", *map(str, members), "--data", str(market), "--output", str(joint)])
    assert load_checkpoint(joint).provenance == Provenance(tuple(records), ("three",))


def test_ensemble_of_ensembles_lists_all_members(members, market, tmp_path):
    pairs = [tmp_path / "pair", tmp_path / "other pair"]
    for pair, folders in zip(pairs, (members[:2], members[1:]), strict=True):
        main(["join", *map(str, folders), "--data", str(market), "--output", str(pair)])
    main(["join", *map(str, pairs), "--data", str(market), "--output", str(tmp_path / "joint")])
    joint = load_checkpoint(tmp_path / "joint")
    assert [each["checkpoint"] for each in joint.data["joined"]] == ["one", "two", "two", "three"]
    assert joint.training_images == 4 * 10 * 64


def test_pack_can_shorten_the_descriptor_of_an_ensemble(members, market, tmp_path):
    joint, small = tmp_path / "joint", tmp_path / "small"
    main(["join", *map(str, members), "--data", str(market), "--output", str(joint)])
    assert main(["pack", str(joint), str(market), "--output", str(small), "--descriptor", "5"]) == 0
    assert load(small).describe(PEOPLE).shape == (6, 5)


def test_invalid_members_raise_an_error(members, market, tmp_path, capsys):
    def fails(folders) -> str:
        assert main(["join", *map(str, folders), "--data", str(market), "--output", str(tmp_path / "joint")]) == 2
        return capsys.readouterr().err

    assert "two checkpoints or more" in fails(members[:1])
    assert "two checkpoints or more" in fails([members[0], members[0]])
    namesake = tmp_path / "elsewhere" / "one"
    save_checkpoint(load_checkpoint(members[1]), namesake)
    assert "in folders of different names" in fails([*members, namesake])
    other = tmp_path / "other"
    checkpoint = load_checkpoint(members[0])
    save_checkpoint(replace(checkpoint, data=checkpoint.data | {"layout": "viper"}), other)
    assert "the same layout, protocol and split" in fails([members[0], other])
    assert not (tmp_path / "joint").exists()


def test_members_with_training_records_may_have_different_splits(members, market, tmp_path):
    for number, folder in enumerate(members[:2], start=1):
        record = TrainingRecord(folder.name, "set", split=number, trained=frozenset({IdentityHash(folder.name)}))
        checkpoint = load_checkpoint(folder)
        save_checkpoint(
            replace(checkpoint, data=checkpoint.data | {"split": number}, provenance=Provenance((record,))), folder
        )
    joint = tmp_path / "joint"
    assert main(["join", *map(str, members[:2]), "--data", str(market), "--output", str(joint)]) == 0
    checkpoint = load_checkpoint(joint)
    assert "split" not in checkpoint.data and checkpoint.data["protocol"] == "market1501"
    assert checkpoint.provenance.overlap({IdentityHash("one"), IdentityHash("two"), IdentityHash("x")}).seen == 2
