"""Images described, and models evaluated, with a progress bar; skipped files are named."""

from pathlib import Path


def evaluate_data(model, data: Path, protocol: str | None = None, split: int | None = None, **options):
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.evaluate import evaluate_model
    from core.evaluation.protocols import choose_protocol

    dataset = read_dataset(data)
    print(dataset.report())
    rule = choose_protocol(dataset, protocol, model.checkpoint.data)
    with tqdm(desc="describing", unit="image", leave=False) as bar:
        return evaluate_model(
            model,
            dataset,
            rule,
            split,
            on_error=lambda source, why: tqdm.write(f"left out: {why}"),
            on_progress=bar.update,
            **options,
        )


def describe(model, records) -> tuple:
    from tqdm import tqdm

    with tqdm(total=len(records), desc="describing", unit="image") as bar:
        return model.describe_records(
            records, on_error=lambda source, why: tqdm.write(f"left out: {why}"), on_progress=bar.update
        )


def describe_folder(model, folder: Path):
    from core.data.datasets import read_dataset
    from core.search.gallery import Gallery

    dataset = read_dataset(folder)
    print(dataset.report())
    return Gallery.from_records(*describe(model, dataset.searchable))
