"""Read uploads as images of one person each, and report skipped files."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from app.shared import texts
from core.data.images import PERSON_SHAPE, open_image
from core.errors import UserError

MAX_IMAGES = 16  # of one person, averaged
MAX_SIDE_PIXELS = 1600  # of the images that the session keeps
BOX_SHAPE = 2.3  # height by width of the first box

Box = tuple[float, float, float, float]  # left, top, right, bottom, relative to width and height
WHOLE_IMAGE: Box = (0.0, 0.0, 1.0, 1.0)


class File(Protocol):
    """An uploaded file, as Streamlit passes it."""

    name: str

    def getvalue(self) -> bytes:
        """Return the content."""


@dataclass(frozen=True)
class Upload:
    """An uploaded image in the session: upright RGB, reduced in size, with a hash of its content."""

    name: str
    content: str
    image: Image.Image

    @property
    def shows_one_person(self) -> bool:
        """Return whether the shape is that of a crop; otherwise the user draws a box on the photograph."""
        low, high = PERSON_SHAPE
        return low <= self.image.height / self.image.width <= high


def read_uploads(files: Iterable[File]) -> tuple[list[Upload], list[str]]:
    """Read files -> the images, and a sentence for each skipped file."""
    uploads, refused = [], []
    for number, file in enumerate(files):
        if number == MAX_IMAGES:
            refused.append(texts.TOO_MANY_UPLOADS.format(limit=MAX_IMAGES))
            break
        data = file.getvalue()
        try:
            image = open_image(data)
        except UserError as error:
            refused.append(str(error).replace("The upload", file.name, 1))
            continue
        image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
        uploads.append(Upload(file.name, hashlib.blake2b(data, digest_size=8).hexdigest(), image))
    return uploads, refused


def first_box(upload: Upload) -> Box:
    """Return the whole image of a crop, or a person-shaped box in the middle of a photograph."""
    if upload.shows_one_person:
        return WHOLE_IMAGE
    width, height = upload.image.size
    box_height = min(0.9 * height, BOX_SHAPE * width)
    box_width = min(width, box_height / BOX_SHAPE)
    across, down = box_width / width / 2, box_height / height / 2
    return (0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down)


def check_box(values: object) -> Box | None:
    """Check the box that the browser sends -> a box inside the image, or None if it is not valid."""
    if not isinstance(values, list | tuple) or len(values) != 4:
        return None
    if not all(isinstance(value, int | float) for value in values):
        return None
    left, top, right, bottom = (min(max(float(value), 0.0), 1.0) for value in values)
    return (left, top, right, bottom) if left < right and top < bottom else None


def cut(upload: Upload, box: Box) -> Image.Image:
    """Crop an image to a box, at least one pixel wide and high."""
    width, height = upload.image.size
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    return upload.image.crop((left, top, max(round(box[2] * width), left + 1), max(round(box[3] * height), top + 1)))
