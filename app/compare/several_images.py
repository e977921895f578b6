"""A probe of several images on the page Compare: their mean descriptor is searched for, and one image is explained."""

import numpy as np

from app.compare import texts
from app.shared import linked_uploads
from app.shared.probe_picker import Chosen
from app.shared.uploads import probe_images
from app.shared.widgets import as_plain_text


def images_of(chosen: Chosen) -> dict[tuple, Chosen]:
    """Return all images of the probe by their contents; the chosen one alone if the probe is one image."""
    if chosen.record:
        return {chosen.content: chosen}
    uploads, boxes, _ = linked_uploads.current()
    return {each.content: Chosen(each.name, None, each.image, each.content) for each in probe_images(uploads, boxes)}


def describe_shares(images: dict[tuple, Chosen], chosen: Chosen, shares: np.ndarray) -> str:
    """Describe the share of each image in the score of the mean descriptor, as Markdown."""
    lines = [texts.SHARES.format(count=len(images), score=shares.sum())]
    for (content, image), share in zip(images.items(), shares, strict=True):
        line = texts.SHARE_EXPLAINED if content == chosen.content else texts.SHARE
        lines.append(line.format(name=as_plain_text(image.name), share=share))
    return "\n".join(lines)
