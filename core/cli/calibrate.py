"""The command that says what a model's scores mean."""

import argparse


def calibrate(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.calibration import About, fit, held_out
    from core.evaluation.verification import count_scores
    from core.inference.checkpoint import CARD, find_checkpoint
    from core.inference.model import load
    from core.inference.model_card import read_terms, write_card

    model = load(options.checkpoint, options.device)
    dataset = read_dataset(options.data)
    people, words = held_out(model.checkpoint, dataset)
    with tqdm(total=len(people), desc="describing", unit="picture", leave=False) as bar:
        described = model.describe_records(
            people, refused=lambda source, why: tqdm.write(f"left out: {why}"), advance=bar.update
        )
    # each picture is searched with among all the others
    counts = count_scores(*described, *described)
    calibration = fit(counts, About(dataset.name, words, len(described[1]) - 1))
    folder = calibration.write(options.checkpoint)
    card = find_checkpoint(options.checkpoint) / CARD
    if card.exists():
        name, terms = options.checkpoint.resolve().name, read_terms(card.read_text(encoding="utf-8"))
        card.write_text(write_card(name, model.checkpoint, terms, calibration.sentence), encoding="utf-8")
    print(calibration.sentence)
    for one in (100, 1000, 10_000):
        threshold = calibration.threshold(1 / one)
        print(f"1 false match in {one:>6,}: score {threshold:.3f}, {counts.miss_rate(threshold):6.1%} missed")
    for share in (0.01, 0.1):
        threshold = calibration.alarm_threshold(share, calibration.about.gallery)
        print(
            f"{share:>4.0%} false alarms:       score {threshold:.3f}, {counts.detection_rate(threshold):6.1%} found "
            "first"
        )
    print(f"kept in {folder}")
