"""What a score means, on scores whose meaning is known."""

import json
import shutil
from dataclasses import fields, replace

import numpy as np
import pytest
from conftest import write_market

from core.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.cli import main
from core.data.layout import read_dataset
from core.data.splits import hold_out
from core.errors import UserError
from core.evaluation.calibration import About, fit, held_out, read_calibration
from core.evaluation.verification import EDGES, ScoreCounts
from core.provenance import Provenance, TrainingRecord, hash_identities

ABOUT = About("made", "nobody", 100)


def counted(**scores: np.ndarray) -> ScoreCounts:
    return ScoreCounts(*(np.histogram(scores.get(one.name, []), EDGES)[0] for one in fields(ScoreCounts)))


def two_bells() -> ScoreCounts:
    """Scores around 0.6 and 0.2 with one spread: their log-likelihood ratio is the line (0.4 s - 0.16) / 0.01."""
    random = np.random.default_rng(0)
    strangers = random.normal(0.2, 0.1, (4000, 100)).max(1)
    return counted(same=random.normal(0.6, 0.1, 60_000), different=random.normal(0.2, 0.1, 400_000),
                   strangers=strangers)  # fmt: skip


def test_the_line_is_the_log_likelihood_ratio():
    calibration = fit(two_bells(), ABOUT)
    assert calibration.slope == pytest.approx(40, rel=0.03) and calibration.intercept == pytest.approx(-16, rel=0.03)


def test_probability_follows_bayes_and_the_prior():
    calibration = replace(fit(two_bells(), ABOUT), slope=40.0, intercept=-16.0)
    assert calibration.probability(0.4, 0.5) == pytest.approx(0.5)
    # at 0.5 the same person is exp(4) times as likely; 1 in 100 before is 54.6 to 99 after
    assert calibration.probability(0.5, 0.01) == pytest.approx(np.exp(4) / (np.exp(4) + 99))
    some = calibration.probability(np.array([0.1, 0.5, 0.9]), 0.1)
    assert (np.diff(some) > 0).all()


def test_probabilities_are_shares_among_other_pairs():
    """Of pairs drawn anew, 1 in 20 of one person, those said to be so with 70 to 90 % are so in 70 to 90 % of cases."""
    calibration, random = fit(two_bells(), ABOUT), np.random.default_rng(1)
    same = random.random(200_000) < 0.05
    said = calibration.probability(random.normal(np.where(same, 0.6, 0.2), 0.1), 0.05)
    some = (said > 0.7) & (said < 0.9)
    assert same[some].mean() == pytest.approx(said[some].mean(), abs=0.05)


def test_thresholds_keep_their_rates_in_larger_galleries():
    calibration, random = fit(two_bells(), ABOUT), np.random.default_rng(2)
    threshold = calibration.threshold(1e-3)
    assert (random.normal(0.2, 0.1, 300_000) >= threshold).mean() == pytest.approx(1e-3, rel=0.2)
    best = random.normal(0.2, 0.1, (2000, 400)).max(1)
    alarm = calibration.alarm_threshold(0.2, 400)
    assert (best >= alarm).mean() == pytest.approx(0.2, abs=0.04)
    assert calibration.false_alarm_rate(alarm, 400) == pytest.approx(0.2, abs=1e-6)


def test_too_few_pairs_or_scores_the_wrong_way_round_are_told():
    with pytest.raises(UserError, match="needs pairs of both kinds"):
        fit(counted(same=[0.5], different=np.zeros(100)), ABOUT)
    counts = two_bells()
    with pytest.raises(UserError, match="no higher than others"):
        fit(replace(counts, same=counts.different, different=counts.same), ABOUT)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """20 people, of whom 10 are for training: enough to hold 2 of them out."""
    return write_market(tmp_path_factory.mktemp("calibration") / "large", people=20)


@pytest.fixture
def trained(large, checkpoint, tmp_path):
    """The tiny network as if it had been trained on this data set."""
    dataset = read_dataset(large)
    rest, validation = hold_out(dataset.train, 2, 0)
    record = TrainingRecord("trained", "large", "market1501", trained=frozenset(hash_identities(dataset, rest)),
                            validated=frozenset(hash_identities(dataset, validation)))  # fmt: skip
    save_checkpoint(Checkpoint(load_checkpoint(checkpoint).network, provenance=Provenance((record,))),
                    tmp_path / "trained")  # fmt: skip
    return load_checkpoint(tmp_path / "trained")


def test_of_its_own_data_only_validation_people_are_taken(large, trained, tmp_path):
    dataset = read_dataset(large)
    validation = hold_out(dataset.train, 2, 0)[1]
    people, words = held_out(trained, dataset)
    assert people == validation and "held out of its training" in words
    assert not {one.identity for one in people} & {one.identity for one in dataset.query}
    elsewhere = shutil.copytree(large, tmp_path / "elsewhere")  # the same images by another name
    assert len(held_out(trained, read_dataset(elsewhere))[0]) == len(validation)


def test_without_validation_people_those_never_seen_are_taken(large, trained):
    dataset, (record,) = read_dataset(large), trained.provenance.records
    half = hash_identities(dataset, dataset.train[: len(dataset.train) // 2])
    people, words = held_out(replace(trained, provenance=Provenance((replace(record, trained=half, validated=half),))),
                             dataset)  # fmt: skip
    assert not hash_identities(dataset, people) & half and people and "not trained on" in words
    everybody = replace(record, trained=frozenset(hash_identities(dataset, dataset.train)))
    with pytest.raises(UserError, match="trained on all identities of large"):
        held_out(replace(trained, provenance=Provenance((everybody,))), dataset)


def test_without_a_record_its_own_data_are_refused(large, trained):
    dataset = read_dataset(large)
    with pytest.raises(UserError, match="has no record of the identities"):
        held_out(replace(trained, provenance=None, data={"name": "large", "layout": "market1501"}), dataset)
    assert (
        "no record of an old one" in held_out(replace(trained, provenance=Provenance((), ("an old one",))), dataset)[1]
    )


def test_of_other_data_training_people_are_taken(market, checkpoint):
    people, words = held_out(load_checkpoint(checkpoint), read_dataset(market))
    assert people == read_dataset(market).train and "whether the model was trained on them is unknown" in words


def test_test_people_alone_are_refused(market, checkpoint, tmp_path):
    folder = shutil.copytree(market, tmp_path / "market")
    shutil.rmtree(folder / "bounding_box_train")
    with pytest.raises(UserError, match="only people to test on"):
        held_out(load_checkpoint(checkpoint), read_dataset(folder))


@pytest.fixture
def calibrated(market, checkpoint, tmp_path, capsys):
    folder = shutil.copytree(checkpoint, tmp_path / "calibrated")
    (folder / "card.md").write_text("# x\n\n## Terms\n\nNone at all.\n")
    assert main(["calibrate", str(folder), str(market)]) == 0
    assert "false alarms" in capsys.readouterr().out
    return folder


def test_the_command_keeps_it_beside_the_checkpoint_and_tells_the_card(calibrated):
    calibration = read_calibration(calibrated)
    assert calibration.about.data == "market" and calibration.about.gallery == 23
    assert calibration.counts.same.sum() == 4 * 6 * 4  # 4 people, 6 pictures each, 4 of them by other cameras
    card = (calibrated / "card.md").read_text()
    assert calibration.sentence in card and card.rstrip().endswith("None at all.")


def test_none_and_damaged_ones_and_those_of_other_weights(calibrated, checkpoint):
    assert read_calibration(checkpoint) is None
    file = calibrated / "calibration" / "calibration.json"
    kept = json.loads(file.read_text())
    for changed, words in (({}, "is not a calibration"), (kept | {"slope": "x"}, "is not a calibration"),
                           (kept | {"fingerprint": "other"}, "belongs to other weights")):  # fmt: skip
        file.write_text(json.dumps(changed))
        with pytest.raises(UserError, match=words):
            read_calibration(calibrated)
