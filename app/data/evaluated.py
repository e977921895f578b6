"""What the page Data can evaluate: a named gallery or the folder of a data set, and its measured results."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.data import texts
from app.shared import cache, datasets, model_cards
from app.shared.cache import of_galleries
from app.shared.settings import checkpoints_folder, file_versions, runs_folder
from core.data.records import Dataset, Record
from core.errors import UserError
from core.evaluation.protocols import EVERY_IMAGE, NAMED_GALLERY, PROTOCOLS, fitting_protocols
from core.evaluation.report import PROBES, RESULT, SCORES, Report, find_reports, read_report
from core.evaluation.stored_result import is_of_data
from core.galleries.gallery_folder import StoredGallery

MAX_SHOWN_MATCHES = 24  # images of one identity


def shown(name: str) -> str:
    """Return the text to show for the model and the options of a result."""
    model, _, options = name.partition(": ")
    return f"{model_cards.short_name_of(model)} {options}".strip()


@dataclass(frozen=True)
class Evaluated:
    """A named gallery or a data set.

    `folder` is what the command is given; paths of a result are relative to `root`. `problem` says why it cannot be
    evaluated.
    """

    key: str  # of widgets
    folder: Path
    root: Path
    dataset: Dataset
    protocols: list[str]
    gallery: StoredGallery | None = None
    problem: str = ""

    def reports(self, protocol: str) -> dict[str, Report]:
        """Return the results by this protocol, by names: `model` or `model: options`."""
        found = {}
        for name, folder in find_reports([checkpoints_folder(), runs_folder()], baselines=True).items():
            try:
                report = _report(folder, file_versions(folder / RESULT, folder / PROBES, folder / SCORES))
            except UserError:
                continue  # the page Results names it
            if report.result["protocol"] == protocol and self._is_of(report) and len(report.probes):
                model, _, rest = name.partition(": ")
                options = rest.removeprefix(f"{report.result['data']}").strip("-").removeprefix(protocol).strip("-")
                options = options.replace("~", texts.RESULT_NUMBER)
                found[f"{model}: {options}" if options else model] = report
        return dict(sorted(found.items(), key=lambda one: -one[1].result["summary"].get("recall@1", 0)))

    def is_current(self, report: Report) -> bool:
        """Return whether the gallery has not changed since the evaluation. Data sets are not checked."""
        if self.gallery is None:
            return True
        version = self.gallery.version
        return version is not None and report.result["evaluated"]["version"] == version.name

    def matches(self, path: str, identity: str) -> list[Record]:
        """Return the probe's record and the records of the images with its identity, at most MAX_SHOWN_MATCHES."""
        records = [*self.dataset.query, *self.dataset.gallery, *self.dataset.pool]
        probe = next((record for record in records if record.path == self.root / path), Record(self.root / path))
        same = dict.fromkeys(record for record in records if record.identity == identity and record != probe)
        return [probe, *list(same)[:MAX_SHOWN_MATCHES]]

    def _is_of(self, report: Report) -> bool:
        if self.gallery is not None:
            return report.result.get("evaluated", {}).get("gallery") == self.gallery.read().get("id", "")
        names = (report.result["data"], report.result["layout"])
        return names == (self.dataset.name, self.dataset.layout) and is_of_data(report, self.folder)


def evaluated_gallery(gallery: StoredGallery) -> Evaluated:
    """Return a named gallery to evaluate. Raises UserError if it was deleted or never indexed."""
    dataset = _of_gallery(gallery.key, gallery)
    problem = ""
    try:
        PROTOCOLS[EVERY_IMAGE].divide(dataset)
    except UserError as error:
        problem = texts.CANNOT_EVALUATE.format(reason=error)
    return Evaluated(gallery.id, gallery.folder, gallery.folder, dataset, [EVERY_IMAGE], gallery, problem)


def evaluated_folder(folder: Path, section: str) -> Evaluated:
    """Return a data set to evaluate: its folder, or its file of rules. Raises UserError if it has no images.

    Two sections of the page can show the same folder: `section` tells their widgets apart.
    """
    dataset = datasets.read(folder)
    protocols = [protocol.name for protocol in fitting_protocols(dataset)]
    problem = "" if protocols else texts.NO_IDENTITIES.format(data=folder, advice=texts.FOLDER_ADVICE)
    return Evaluated(f"{section}_{folder}", folder, dataset.root, dataset, protocols, None, problem)


def thumbnail(path: Path) -> str | None:
    """Return a thumbnail, or None if the image cannot be opened."""
    try:
        return cache.thumbnail(path)
    except (UserError, OSError):
        return None


@of_galleries
@st.cache_resource(max_entries=4, show_spinner=False)
def _of_gallery(key: tuple | None, _gallery: StoredGallery) -> Dataset:
    indexed = _gallery.open()
    labels = zip(indexed.paths, indexed.identities.tolist(), indexed.cameras.tolist(), strict=True)
    records = [Record(Path(path), identity, camera) for path, identity, camera in labels]
    return Dataset(_gallery.folder, NAMED_GALLERY, gallery=records)


@st.cache_resource(max_entries=200, show_spinner=False)
def _report(folder: Path, changed: tuple) -> Report:
    return read_report(folder)
