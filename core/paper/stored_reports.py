"""Reports that are evaluated once: `core.paper.zero_shot` and `core.paper.agreement` use the same ones."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from core.data.records import Dataset
from core.data.splits import Split
from core.errors import UserError
from core.evaluation.report import RESULT, Report, read_report
from core.inference.checkpoint import fingerprint

DIGEST = "digest"  # in result.json: what the report was measured on


def make_digest(checkpoint: Path, dataset: Dataset, splits: Iterable[Split], *settings: str | bool) -> str:
    """Compute a hash of a checkpoint, the tested images and the settings of an evaluation.

    Images count with their paths, labels, sizes and times of change. Their content is not read.

    Args:
        checkpoint: The folder of the checkpoint.
        dataset: The data set.
        splits: The splits to test.
        *settings: The name of the protocol and the options.
    """
    digest = hashlib.blake2b(f"{fingerprint(checkpoint)} {settings}".encode(), digest_size=16)
    for split in splits:
        for part in (split.query, split.gallery):
            digest.update(b"part")
            for record in part:
                path, about = record.path, _file(record.path).stat()
                if path.is_relative_to(dataset.root):  # not for combined data sets
                    path = path.relative_to(dataset.root)
                labels = f"{record.identity}\0{record.camera}\0{min(record.place, default=0)}"
                digest.update(f"{path.as_posix()}\0{labels}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def read_or_evaluate(folder: Path, name: str, digest: str, evaluate: Callable[[], Report]) -> Report:
    """Return the stored report with a digest, or evaluate and store it.

    Args:
        folder: The folder with the folders of reports (`Report.folder`).
        name: The name of the model, which ends the name of the report's folder.
        digest: The result of `make_digest`.
        evaluate: Returns the report if it is not stored.
    """
    for file in sorted(folder.glob(f"*/*-{name}/{RESULT}")):
        with suppress(UserError):  # a damaged report is measured again
            report = read_report(file.parent)
            if report.result.get(DIGEST) == digest:
                return report
    report = evaluate()
    report = Report(report.result | {DIGEST: digest}, report.probes, report.scores)
    report.write(folder / report.folder / f"{report.name}-{name}")
    return report


def _file(path: Path) -> Path:
    """Return the file of an image: the path, or the .mat file of CUHK03 that holds it."""
    return next(one for one in (path, *path.parents) if one.exists())
