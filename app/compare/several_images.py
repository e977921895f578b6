"""A probe of several images on the page Compare: their mean descriptor is searched for, and one image is explained."""

import numpy as np
import streamlit as st

from app.compare import texts
from app.shared.keys import BOXES, UPLOADS
from app.shared.probe_picker import Chosen
from app.shared.uploads import cut, first_box
from app.shared.widgets import as_plain_text


def images_of(chosen: Chosen) -> dict[tuple, Chosen]:
    """Return all images of the probe by their contents; the chosen one alone if the probe is one image."""
    if chosen.record:
        return {chosen.content: chosen}
    found, boxes = {}, st.session_state.get(BOXES, {})
    for upload in st.session_state.get(UPLOADS, []):
        box = boxes.get(upload.content) or first_box(upload)
        content = (upload.content, box)
        found[content] = Chosen(upload.name, None, cut(upload, box), content)
    return found


def describe_shares(images: dict[tuple, Chosen], chosen: Chosen, shares: np.ndarray) -> str:
    """Describe the share of each image in the score of the mean descriptor, as Markdown."""
    lines = [texts.SHARES.format(count=len(images), score=shares.sum())]
    for (content, image), share in zip(images.items(), shares, strict=True):
        line = texts.SHARE_EXPLAINED if content == chosen.content else texts.SHARE
        lines.append(line.format(name=as_plain_text(image.name), share=share))
    return "\n".join(lines)
