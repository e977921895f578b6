"""Links to search for a probe of a result, with the model and the post-processing of the result."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from app.shared.images import Images
from app.shared.keys import ADAPT, CENTRE, EXPAND, GALLERY, MODEL, PROBE, RERANK, RULE

OPTIONS = {ADAPT: "adapted", CENTRE: "centred", RERANK: "rerank"}  # switches of the page Search -> fields of a result


def link(image: str, model: str | None, images: Images, result: Mapping[str, Any]) -> str:
    """Return a link to the page Search, the first page of the app, with the options of a stored result.

    A named gallery is searched with its own model. The page Search does not use mirror images.
    """
    # rankings of a named gallery may be adapted by default
    where = {GALLERY: images.data, ADAPT: "false"} if images.is_own else {MODEL: model} if model else {}
    where |= {switch: "true" for switch, field in OPTIONS.items() if result.get(field)}
    where |= {EXPAND: result["expansion"]} if result.get("expansion") else {}
    where |= {RULE: "false"} if result.get("include_same_camera") else {}
    return f"./?{urlencode({PROBE: image} | where)}"


def searched_with(name: str, models: Collection[str]) -> str | None:
    """Return the name of a result's model on the page Search; None if the page does not have it."""
    run = name.partition(": ")[0]
    return next((one for one in (run, f"runs/{run}") if one in models), None)
