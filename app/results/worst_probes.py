"""A result's probes, the worst first, with links that search again with them."""

from collections.abc import Collection
from urllib.parse import urlencode

import pandas as pd

from app.shared.images import Images
from app.shared.keys import MODEL, PROBE
from core.evaluation.report import Report


def worst_first(report: Report, images: Images | None, model: str | None) -> pd.DataFrame:
    """Rows of probes.csv by average precision; `search` is a link with image and model, None without the image."""
    if report.probes.empty:
        return report.probes.assign(image=None, search=None)
    probes = report.probes.sort_values(
        ["average_precision", "first_rank"], ascending=[True, False], kind="stable", ignore_index=True
    )
    known = images.names if _shows(images, report) else {}
    names = [known.get(images.root / path) if known else None for path in probes["path"]]
    return probes.assign(image=names, search=[link(name, model) if name else None for name in names])


def link(image: str, model: str | None) -> str:
    """To the search page, which is the app's first."""
    return f"./?{urlencode({PROBE: image, MODEL: model} if model else {PROBE: image})}"


def searched_with(name: str, models: Collection[str]) -> str | None:
    """What the search page calls the model of a result, if it offers it."""
    run = name.partition(": ")[0]
    return next((one for one in (run, f"runs/{run}") if one in models), None)


def why_no_links(probes: pd.DataFrame, report: Report, images: Images | None) -> str:
    """A sentence if some rows of `worst_first` have no link, or there are none."""
    if probes.empty:
        return "The probes of this result were not kept: measure it again to see them."
    without = probes["search"].isna()
    if not without.any():
        return ""
    if not _shows(images, report):
        data, opened = report.result["data"], f"the data {images.data}" if images else "no images"
        return (
            f"The rows have no links: these are images of {data}, and the app has {opened} open; start it with "
            "MR_BCNN_DATA set to their folder to search with them."
        )
    rows = "The rows have no links" if without.all() else "Some rows have no link"
    return f"{rows}: their images are not in {images.root}."


def _shows(images: Images | None, report: Report) -> bool:
    return images is not None and images.data == report.result["data"]
