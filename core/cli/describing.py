"""Describe images and evaluate models with a progress bar, and print skipped files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

BAR_DELAY_S = 1
ADAPTATION_IS_POSSIBLE = (
    "Each camera has enough images: --adapt also measures the model with the batch-norm statistics of each camera."
)
OnProgress = Callable[[int, int], None]


def evaluate_data(
    model,
    data: Path,
    protocol: str | None = None,
    split: int | None = None,
    on_progress: OnProgress = lambda done, total: None,
    **options,
):
    """Evaluate a model on a data set.

    Args:
        model: The model to evaluate.
        data: Folder of the data set.
        protocol: Name of the protocol, by default detected from the data.
        split: Number of the split, from 1; None for the one that the model was trained on, else all.
        on_progress: Called with the numbers of described images and of all images, then with those of probes.
        **options: Further keyword arguments of `evaluate_models`.

    Returns:
        The report of `evaluate_models`.
    """
    import numpy as np

    from core.data.datasets import read_dataset
    from core.evaluation.evaluate import evaluate_models
    from core.evaluation.protocols import choose_protocol, splits_to_score
    from core.galleries.adaptation import has_enough_images
    from core.inference.camera_adaptation import can_adapt

    dataset, checkpoint = read_dataset(data), model.checkpoint
    print(dataset.report())
    rule = choose_protocol(dataset, protocol, checkpoint.data)
    splits = splits_to_score(rule, dataset, checkpoint.data, split, checkpoint.provenance)
    total = sum(len(one.tested) for one in splits)
    described = 0
    cameras = np.array([record.camera for record in splits[0].tested]) if splits else np.array([])
    if not options.get("adapt") and has_enough_images(cameras) and can_adapt(model):
        print(ADAPTATION_IS_POSSIBLE)
    trained = [(model, one) for one in splits]
    with _bars(on_progress) as (show_described, on_ranked):

        def on_described(count: int) -> None:
            nonlocal described
            described += count
            show_described(min(described, total), total)

        return evaluate_models(trained, dataset, rule, print_skipped, on_described, on_ranked, **options)


def evaluate_stored(model, gallery, checkpoint: Path, on_progress: OnProgress = lambda done, total: None, **options):
    """Evaluate a model on a named gallery.

    Args:
        model: The model to evaluate.
        gallery: The gallery.
        checkpoint: The checkpoint of the model.
        on_progress: Called with the numbers of described images and of all images, then with those of probes.
        **options: Further keyword arguments of `evaluate_models`.

    Returns:
        The report of `evaluate_models`.
    """
    from core.galleries.evaluation import evaluate_gallery

    with _bars(on_progress) as (on_described, on_ranked):
        return evaluate_gallery(gallery, model, checkpoint, print_skipped, on_described, on_ranked=on_ranked, **options)


@contextmanager
def _bars(on_progress: OnProgress) -> Iterator[tuple[OnProgress, OnProgress]]:
    """Yield functions that show the numbers of described images and of ranked probes, and pass them on.

    Short work shows no bar.
    """
    from tqdm import tqdm

    def follow(bar) -> OnProgress:
        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)
            on_progress(done, total)

        return show

    images = tqdm(desc="describing", unit="image", leave=False, delay=BAR_DELAY_S)
    probes = tqdm(desc="ranking", unit="probe", leave=False, delay=BAR_DELAY_S)
    with images, probes:
        yield follow(images), follow(probes)


def describe(model, records) -> tuple:
    """Return the descriptors (N, D) of the readable records, and these records."""
    from tqdm import tqdm

    with tqdm(total=len(records), desc="describing", unit="image") as bar:
        return model.describe_records(records, on_error=print_skipped, on_progress=bar.update)


def describe_folder(model, folder: Path):
    """Return a gallery of all images of a folder that can be searched."""
    from core.data.datasets import read_dataset
    from core.search.gallery import Gallery
    from core.search.point_gallery import for_model

    dataset = read_dataset(folder)
    print(dataset.report())
    return for_model(Gallery.from_records(*describe(model, dataset.searchable)), model)


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
