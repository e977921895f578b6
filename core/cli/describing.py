"""Describe images and evaluate models with a progress bar, and print skipped files."""

from pathlib import Path


def evaluate_data(model, data: Path, protocol: str | None = None, split: int | None = None, **options):
    """Evaluate a model on a data set.

    Args:
        model: The model to evaluate.
        data: Folder of the data set.
        protocol: Name of the protocol, by default detected from the data.
        split: Number of the split, from 1; None for the one that the model was trained on, else all.
        **options: Further keyword arguments of `evaluate_model`.

    Returns:
        The report of `evaluate_model`.
    """
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.evaluate import evaluate_model
    from core.evaluation.protocols import choose_protocol

    dataset = read_dataset(data)
    print(dataset.report())
    rule = choose_protocol(dataset, protocol, model.checkpoint.data)
    with tqdm(desc="describing", unit="image", leave=False) as bar:
        return evaluate_model(model, dataset, rule, split, on_error=print_skipped, on_progress=bar.update, **options)


def describe(model, records) -> tuple:
    """Return the descriptors (N, D) of the readable records, and these records."""
    from tqdm import tqdm

    with tqdm(total=len(records), desc="describing", unit="image") as bar:
        return model.describe_records(records, on_error=print_skipped, on_progress=bar.update)


def describe_folder(model, folder: Path):
    """Return a gallery of all images of a folder that can be searched."""
    from core.data.datasets import read_dataset
    from core.search.gallery import Gallery

    dataset = read_dataset(folder)
    print(dataset.report())
    return Gallery.from_records(*describe(model, dataset.searchable))


def update_card(folder: Path) -> None:
    """Write the calibration and the person check of a checkpoint into its model card, if it has one."""
    from core.evaluation.calibration import read_calibration
    from core.evaluation.person_check import read_person_check
    from core.inference.checkpoint import CARD, find_checkpoint
    from core.inference.model_card import replace_section

    card = find_checkpoint(folder) / CARD
    if not card.exists():
        return
    calibration, check = read_calibration(folder), read_person_check(folder)
    sentences = [f"Calibrated on {calibration.sentence}"] if calibration else []
    sentences += [check[1].sentence] if check else []
    text = replace_section(card.read_text(encoding="utf-8"), "Calibration", "\n\n".join(sentences))
    card.write_text(text, encoding="utf-8")


def print_skipped(source, reason: str) -> None:
    """Print why a file was skipped, above the progress bar."""
    from tqdm import tqdm

    tqdm.write(f"skipped: {reason}")
