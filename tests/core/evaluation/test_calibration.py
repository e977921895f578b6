"""Calibration, on scores with known distributions."""

import json
import shutil
from dataclasses import fields, replace

import numpy as np
import pytest
from conftest import write_market

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.splits import hold_out
from core.errors import UserError
from core.evaluation.calibration import Calibration, CalibrationData, fit, hold_out_records, read_calibration
from core.evaluation.verification import EDGES, ScoreCounts
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.inference.provenance import Provenance, TrainingRecord, hash_identities

ABOUT = CalibrationData("made", "nobody", 100)


def counted(**scores: np.ndarray) -> ScoreCounts:
    return ScoreCounts(*(np.histogram(scores.get(one.name, []), EDGES)[0] for one in fields(ScoreCounts)))


def two_normals() -> ScoreCounts:
    """Count scores from two normal distributions; their log-likelihood ratio is (0.4 s - 0.16) / 0.01."""
    random = np.random.default_rng(0)
    strangers = random.normal(0.2, 0.1, (4000, 100)).max(1)
    return counted(
        same=random.normal(0.6, 0.1, 60_000), different=random.normal(0.2, 0.1, 400_000), strangers=strangers
    )


def test_fit_equals_log_likelihood_ratio():
    calibration = fit(two_normals(), ABOUT)
    assert calibration.slope == pytest.approx(40, rel=0.03) and calibration.intercept == pytest.approx(-16, rel=0.03)


def test_probability_follows_bayes_rule():
    calibration = replace(fit(two_normals(), ABOUT), slope=40.0, intercept=-16.0)
    assert calibration.probability(0.4, 0.5) == pytest.approx(0.5)
    # the likelihood ratio at 0.5 is exp(4) = 54.6; with the prior 1/100 the odds are 54.6 to 99
    assert calibration.probability(0.5, 0.01) == pytest.approx(np.exp(4) / (np.exp(4) + 99))
    some = calibration.probability(np.array([0.1, 0.5, 0.9]), 0.1)
    assert (np.diff(some) > 0).all()


def test_probabilities_are_calibrated_on_new_pairs():
    """Of new pairs with a prior of 1/20, those with a probability of 70 to 90 % are of one identity as often."""
    calibration, random = fit(two_normals(), ABOUT), np.random.default_rng(1)
    same = random.random(200_000) < 0.05
    predicted = calibration.probability(random.normal(np.where(same, 0.6, 0.2), 0.1), 0.05)
    some = (predicted > 0.7) & (predicted < 0.9)
    assert same[some].mean() == pytest.approx(predicted[some].mean(), abs=0.05)


def test_thresholds_hold_in_larger_galleries():
    calibration, random = fit(two_normals(), ABOUT), np.random.default_rng(2)
    threshold = calibration.threshold(1e-3)
    assert (random.normal(0.2, 0.1, 300_000) >= threshold).mean() == pytest.approx(1e-3, rel=0.2)
    best = random.normal(0.2, 0.1, (2000, 400)).max(1)
    alarm = calibration.alarm_threshold(0.2, 400)
    assert (best >= alarm).mean() == pytest.approx(0.2, abs=0.04)
    assert calibration.false_alarm_rate(alarm, 400) == pytest.approx(0.2, abs=1e-6)


def test_rates_in_larger_galleries_by_hand():
    """3 of 4 searches of 100 images for an absent person stay below 0.5, so 9 of 16 searches of 200 images do."""
    counts = counted(strangers=[0.1025, 0.2025, 0.3025, 0.9025], different=[0.1025, 0.1025, 0.1025, 0.9025])
    calibration = Calibration(1.0, 0.0, counts, ABOUT)
    rates = [calibration.false_alarm_rate(0.5, gallery) for gallery in (50, 100, 200)]
    assert rates == pytest.approx([1 - np.sqrt(3 / 4), 1 / 4, 7 / 16])
    # a rate of 1 - (7/8)^2 among 200 is 1/8 among 100; half of the bin from 0.9 to 0.905 is above its centre
    assert calibration.alarm_threshold(1 - (7 / 8) ** 2, 200) == pytest.approx(0.9025)
    assert calibration.threshold(1 / 8) == pytest.approx(0.9025)


def test_sentence():
    counts = counted(same=1500 * [0.5025], different=2600 * [0.1025])
    assert Calibration(1.0, 0.0, counts, CalibrationData("streets", "12 people", 7)).sentence.startswith(
        "1,500 pairs of images of one identity and 2,600 of different identities, from streets (12 people): "
        "equal error rate 0.00% at score 0."
    )


@pytest.mark.parametrize("same, different", [(9, 100), (100, 9)])
def test_fit_needs_ten_pairs_of_each_kind(same, different):
    def overlapping(count):
        return np.tile([0.1025, 0.5025, 0.3025], 100)[:count]

    with pytest.raises(UserError, match=f"made gives {same} of the same identity .* and {different} of different"):
        fit(counted(same=0.1 + overlapping(same), different=overlapping(different)), ABOUT)
    counts = counted(same=0.1 + overlapping(same + 1), different=overlapping(different + 1))
    assert fit(counts, ABOUT).slope > 0


def test_fit_of_two_scores_by_hand():
    """The fit passes through ln(0.75 / 0.1) and ln(0.25 / 0.9), for any number of pairs of either kind.

    3/4 of the pairs of one identity score 0.6025 and 1/4 score 0.2025. Of different identities 1/10 and 9/10 do.
    """
    counts = counted(same=30 * [0.6025] + 10 * [0.2025], different=100 * [0.6025] + 900 * [0.2025])
    high, low = np.log(0.75 / 0.1), np.log(0.25 / 0.9)
    line = fit(counts, ABOUT)
    assert line.slope == pytest.approx((high - low) / 0.4, rel=1e-2)
    assert line.slope * 0.6025 + line.intercept == pytest.approx(high, abs=0.02)


def test_fit_needs_higher_scores_for_same_identity():
    equal = counted(same=50 * [0.2025] + 50 * [0.6025], different=50 * [0.2025] + 50 * [0.6025])
    with pytest.raises(UserError, match="score no higher"):
        fit(equal, ABOUT)
    higher = counted(same=48 * [0.2025] + 52 * [0.6025], different=50 * [0.2025] + 50 * [0.6025])
    assert fit(higher, ABOUT).slope == pytest.approx(np.log(52 / 48) / 0.4, rel=1e-2)


def test_fit_of_reversed_scores_raises():
    counts = two_normals()
    with pytest.raises(UserError, match="score no higher"):
        fit(replace(counts, same=counts.different, different=counts.same), ABOUT)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Write a data set of 20 identities, 10 of them for training: enough to hold out 2."""
    return write_market(tmp_path_factory.mktemp("calibration") / "large", people=20)


@pytest.fixture
def trained(large, checkpoint, tmp_path):
    """Return the tiny network with the provenance of a training on this data set."""
    dataset = read_dataset(large)
    rest, validation = hold_out(dataset.train, 2, 0)
    record = TrainingRecord(
        "trained",
        "large",
        "market1501",
        trained=frozenset(hash_identities(dataset, rest)),
        validated=frozenset(hash_identities(dataset, validation)),
    )
    save_checkpoint(
        Checkpoint(load_checkpoint(checkpoint).network, provenance=Provenance((record,))), tmp_path / "trained"
    )
    return load_checkpoint(tmp_path / "trained")


def test_validation_identities_of_own_data_are_used(large, trained, tmp_path):
    dataset = read_dataset(large)
    validation = hold_out(dataset.train, 2, 0)[1]
    records, description = hold_out_records(trained, dataset)
    assert records == validation and "held out of its training" in description
    assert not {one.identity for one in records} & {one.identity for one in dataset.query}
    elsewhere = shutil.copytree(large, tmp_path / "elsewhere")  # the same images under another name
    assert len(hold_out_records(trained, read_dataset(elsewhere))[0]) == len(validation)


def test_unseen_identities_are_used_without_validation(large, trained):
    dataset, (record,) = read_dataset(large), trained.provenance.records
    half = hash_identities(dataset, dataset.train[: len(dataset.train) // 2])
    records, description = hold_out_records(
        replace(trained, provenance=Provenance((replace(record, trained=half, validated=half),))), dataset
    )
    assert not hash_identities(dataset, records) & half and records and "not trained on" in description
    all_identities = replace(record, trained=frozenset(hash_identities(dataset, dataset.train)))
    with pytest.raises(UserError, match="trained on all identities of large"):
        hold_out_records(replace(trained, provenance=Provenance((all_identities,))), dataset)


def test_own_data_without_provenance_raise(large, trained):
    dataset = read_dataset(large)
    with pytest.raises(UserError, match="has no record of the identities"):
        hold_out_records(replace(trained, provenance=None, data={"name": "large", "layout": "market1501"}), dataset)
    assert (
        "no record of an old one"
        in hold_out_records(replace(trained, provenance=Provenance((), ("an old one",))), dataset)[1]
    )


def test_training_identities_of_other_data_are_used(market, checkpoint):
    records, description = hold_out_records(load_checkpoint(checkpoint), read_dataset(market))
    assert records == read_dataset(market).train and "whether the model was trained on them is unknown" in description


def test_data_with_only_test_identities_raise(market, checkpoint, tmp_path):
    folder = shutil.copytree(market, tmp_path / "market")
    shutil.rmtree(folder / "bounding_box_train")
    with pytest.raises(UserError, match="only test identities"):
        hold_out_records(load_checkpoint(checkpoint), read_dataset(folder))


@pytest.fixture
def calibrated(market, checkpoint, tmp_path, capsys):
    folder = shutil.copytree(checkpoint, tmp_path / "calibrated")
    (folder / "card.md").write_text("# x\n\n## Terms\n\nNone at all.\n")
    assert main(["calibrate", str(folder), str(market)]) == 0
    assert "false-alarm rate" in capsys.readouterr().out
    return folder


def test_calibrate_command_writes_calibration_and_card(calibrated):
    calibration = read_calibration(calibrated)
    assert calibration.about.data == "market" and calibration.about.gallery == 23
    assert calibration.counts.same.sum() == 4 * 6 * 4  # 4 people, 6 images each, 4 of them by other cameras
    card = (calibrated / "card.md").read_text()
    assert calibration.sentence in card and card.rstrip().endswith("None at all.")


def test_write_and_read(checkpoint, tmp_path):
    """Slope and intercept are stored with six decimals."""
    folder = shutil.copytree(checkpoint, tmp_path / "calibrated")
    counts = counted(same=12 * [0.5025], different=11 * [0.1025])
    assert Calibration(12.34567891, -3.21987654, counts, ABOUT).write(folder) == folder / "calibration"
    again = read_calibration(folder)
    assert (again.slope, again.intercept, again.about) == (12.345679, -3.219877, ABOUT)
    assert (again.counts.same == counts.same).all() and (again.counts.different == counts.different).all()
    assert json.loads((folder / "calibration" / "calibration.json").read_text())["figures"] == counts.figures


def test_read_missing_damaged_and_outdated_calibration(calibrated, checkpoint):
    assert read_calibration(checkpoint) is None
    file = calibrated / "calibration" / "calibration.json"
    content = json.loads(file.read_text())
    for changed, description in (
        ({}, "is not a calibration"),
        (content | {"slope": "x"}, "is not a calibration"),
        (content | {"fingerprint": "other"}, "belongs to other weights"),
    ):
        file.write_text(json.dumps(changed))
        with pytest.raises(UserError, match=description):
            read_calibration(calibrated)
