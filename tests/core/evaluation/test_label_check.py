"""The check of labels: what is still to decide, and the effect of decisions on mAP."""

from pathlib import Path

import numpy as np
import pytest

from core.data.records import Dataset, Record
from core.errors import UserError
from core.evaluation.label_check import LabelCheck
from core.evaluation.label_decisions import DIFFERENT, SAME, SKIP, decide
from core.evaluation.label_errors import FAR, NEAR
from core.evaluation.protocols import EVERY_IMAGE, NAMED_GALLERY, PROTOCOLS

ROOT = Path("/data")


@pytest.fixture
def check() -> LabelCheck:
    """Eight people and six images each; one image has a wrong label, and one person has two labels."""
    random = np.random.default_rng(0)
    identities = np.repeat([f"{number:02d}" for number in range(8)], 6)
    cameras = np.tile([1, 2, 3, 1, 2, 3], 8)
    vectors = np.repeat(random.normal(size=(8, 16)), 6, axis=0) + 0.3 * random.normal(size=(48, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    identities[0] = "05"
    identities[27:30] = "09"  # of 04
    records = [
        Record(ROOT / f"{number}.jpg", identity, int(camera))
        for number, (identity, camera) in enumerate(zip(identities, cameras, strict=True))
    ]
    protocol = PROTOCOLS[EVERY_IMAGE]
    split = protocol.divide(Dataset(ROOT, NAMED_GALLERY, gallery=records))
    return LabelCheck(ROOT, records, vectors.astype(np.float32), protocol, [split])


def test_the_planted_errors_are_listed(check):
    far, near = check.undecided([])[0], next(one for one in check.suspicions if one.kind == NEAR)
    assert (far.kind, far.image, check.identities[far.nearest]) == (FAR, 0, "00")
    assert {check.identities[near.image], check.identities[near.other]} == {"04", "09"}


@pytest.mark.parametrize("decision", [SAME, DIFFERENT, SKIP])
def test_what_is_decided_is_not_asked_again(check, decision):
    for one in check.suspicions:
        made = [decide(check.names[one.image], check.names[one.other], decision)]
        assert one not in check.undecided(made)
        assert len(check.undecided(made)) == len(check.suspicions) - 1


def test_only_some_cameras_are_asked(check):
    assert check.undecided([], [9]) == []
    assert check.undecided([], [1])[0].image == 0


def test_right_decisions_raise_map_on_the_same_descriptors(check):
    far, near = check.suspicions[0], next(one for one in check.suspicions if one.kind == NEAR)
    name = check.names
    decisions = [
        decide(name[far.image], name[far.other], DIFFERENT),
        decide(name[far.image], name[far.nearest], SAME),
        decide(name[near.image], name[near.other], SAME),
    ]
    assert check.changes(decisions) == {"0.jpg": "00"} | {f"{number}.jpg": "04" for number in (27, 28, 29)}
    effect = check.effect(decisions)
    assert effect.changed == 4
    assert effect.before["mAP"] < 99
    assert effect.after["mAP"] == pytest.approx(100)
    assert effect.before["probes"] == effect.after["probes"] == 48
    assert "48 probes -> 48 probes; 4 images" in effect.sentence


def test_an_image_that_becomes_unlabelled_is_no_probe(check):
    effect = check.effect([decide("0.jpg", check.names[check.suspicions[0].other], DIFFERENT)])
    assert (effect.before["probes"], effect.after["probes"]) == (48, 47)


def test_without_decisions_nothing_changes(check):
    effect = check.effect([])
    assert effect.changed == 0
    assert effect.before == effect.after


def test_without_a_protocol_the_problem_is_said(check):
    with pytest.raises(UserError, match="no cameras"):
        LabelCheck(ROOT, check.records, check.descriptors, problem="no cameras").effect([])


def test_the_table_has_what_a_user_needs_and_an_empty_decision(check):
    table = check.table(check.suspicions)
    assert len(table) == len(check.suspicions)
    assert table.loc[0, ["path", "identity", "nearest_identity", "decision"]].tolist() == ["0.jpg", "05", "00", ""]
    assert check.table([]).empty
