"""The probes of a result, worst first, with links to the page Search."""

import pandas as pd

from app.results import texts
from app.shared import cache
from app.shared.images import Images
from app.shared.search_links import link
from app.shared.settings import own_galleries
from core.errors import UserError
from core.evaluation.report import Report


def images_of(report: Report) -> Images | None:
    """Return the images to link to: those of the evaluated gallery, for a data set those of the demo gallery."""
    evaluated = _gallery_id(report)
    try:
        if not evaluated:
            return cache.images()
        same = (gallery for gallery in own_galleries().values() if gallery.read().get("id") == evaluated)
        gallery = next(same, None)
        return cache.images(gallery) if gallery else None
    except UserError:
        return None


def worst_first(report: Report, images: Images | None, model: str | None) -> pd.DataFrame:
    """Rows of probes.csv by average precision; `search` is a link to the same search, None without the image."""
    if report.probes.empty:
        return report.probes.assign(image=None, search=None)
    probes = report.probes.sort_values(
        ["average_precision", "first_rank"], ascending=[True, False], kind="stable", ignore_index=True
    )
    known = images.names if _shows(images, report) else {}
    names = [known.get(images.root / path) if known else None for path in probes["path"]]
    return probes.assign(
        image=names, search=[link(name, model, images, report.result) if name else None for name in names]
    )


def explain_missing_links(probes: pd.DataFrame, report: Report, images: Images | None) -> str:
    """Return a sentence if rows of `worst_first` have no link, or there are no rows."""
    if probes.empty:
        return texts.NO_PROBES
    without = probes["search"].isna()
    if not without.any():
        return ""
    if _gallery_id(report):
        return (texts.NOT_IN_GALLERY if images else texts.GALLERY_DELETED).format(
            name=images.data if images else report.result["data"]
        )
    if not _shows(images, report):
        opened = texts.OPENED_DATA.format(data=images.data) if images else texts.OPENED_NOTHING
        return texts.OTHER_DATA.format(data=report.result["data"], opened=opened)
    return (texts.NO_LINKS if without.all() else texts.SOME_LINKS).format(root=images.root)


def _shows(images: Images | None, report: Report) -> bool:
    return images is not None and (images.is_own or images.data == report.result["data"])


def _gallery_id(report: Report) -> str:
    """Return the id of the evaluated named gallery, "" for a data set."""
    return report.result.get("evaluated", {}).get("gallery", "")
