"""Uploads: what people drop on the page becomes small images of one person each, or a sentence why not."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from core.data.images import PERSON_SHAPE, open_image
from core.errors import UserError

MAX_IMAGES = 16  # of one person, averaged
MAX_SIDE_PIXELS = 1600  # of what is kept for the session
BOX_SHAPE = 2.3  # height by width of the first box

Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of width and height
WHOLE_IMAGE: Box = (0.0, 0.0, 1.0, 1.0)


class File(Protocol):
    name: str

    def getvalue(self) -> bytes: ...


@dataclass(frozen=True)
class Upload:
    """An upload as kept for the session: upright RGB, shrunk, named by its content."""

    name: str
    content: str
    image: Image.Image

    @property
    def shows_one_person(self) -> bool:
        """By its shape; otherwise it is taken for a photograph in which a box is to be drawn."""
        low, high = PERSON_SHAPE
        return low <= self.image.height / self.image.width <= high


def read_uploads(files: Iterable[File]) -> tuple[list[Upload], list[str]]:
    """Files -> those that are images, and a sentence for each that is not."""
    uploads, refused = [], []
    for number, file in enumerate(files):
        if number == MAX_IMAGES:
            refused.append(f"At most {MAX_IMAGES} images of one person are averaged; the others were left out.")
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
    """The whole of an image of a person; of a photograph, a person-shaped box in the middle."""
    if upload.shows_one_person:
        return WHOLE_IMAGE
    width, height = upload.image.size
    box_height = min(0.9 * height, BOX_SHAPE * width)
    box_width = min(width, box_height / BOX_SHAPE)
    across, down = box_width / width / 2, box_height / height / 2
    return (0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down)


def check_box(values: object) -> Box | None:
    """What the browser says was drawn -> a box inside the image; None if it is no such thing."""
    if not isinstance(values, list | tuple) or len(values) != 4:
        return None
    if not all(isinstance(value, int | float) for value in values):
        return None
    left, top, right, bottom = (min(max(float(value), 0.0), 1.0) for value in values)
    return (left, top, right, bottom) if left < right and top < bottom else None


def cut(upload: Upload, box: Box) -> Image.Image:
    """The part of the image inside the box, at least one pixel wide and high."""
    width, height = upload.image.size
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    return upload.image.crop((left, top, max(round(box[2] * width), left + 1), max(round(box[3] * height), top + 1)))
