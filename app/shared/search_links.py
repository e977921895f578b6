"""Links to search for a probe of a result, with the model of the result."""

from collections.abc import Collection
from urllib.parse import urlencode

from app.shared.images import Images
from app.shared.keys import GALLERY, MODEL, PROBE


def link(image: str, model: str | None, images: Images) -> str:
    """Return a link to the page Search, the first page of the app. A named gallery is searched with its own model."""
    where = {GALLERY: images.data} if images.is_own else {MODEL: model} if model else {}
    return f"./?{urlencode({PROBE: image} | where)}"


def searched_with(name: str, models: Collection[str]) -> str | None:
    """Return the name of a result's model on the page Search; None if the page does not have it."""
    run = name.partition(": ")[0]
    return next((one for one in (run, f"runs/{run}") if one in models), None)
