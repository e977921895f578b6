"""Read uploads as images of one person each, and report skipped files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from app.components.box_editor import Box
from app.shared import texts
from core.data.images import PERSON_SHAPE, open_image
from core.errors import UserError

MAX_IMAGES = 16  # of one person, averaged
MAX_FILE_MB = 25  # a phone's photograph with some room
MAX_BOXES = 8  # on one photograph
MAX_SIDE_PIXELS = 1600  # of the images that the session keeps
BOX_SHAPE = 2.3  # height by width of the first box

WHOLE_IMAGE: Box = (0.0, 0.0, 1.0, 1.0)


class File(Protocol):
    """An uploaded file, as Streamlit passes it."""

    name: str

    def getvalue(self) -> bytes:
        """Return the content."""


@dataclass(frozen=True)
class Upload:
    """An uploaded image in the session: upright RGB, reduced in size. Its id is in links if it is stored."""

    id: str
    name: str
    image: Image.Image
    is_stored: bool = False

    @property
    def shows_one_person(self) -> bool:
        """Return whether the shape is that of a crop; otherwise the user draws a box on the photograph."""
        low, high = PERSON_SHAPE
        return low <= self.image.height / self.image.width <= high


@dataclass(frozen=True)
class ProbeImage:
    """An upload inside one box. `content` changes with the image."""

    name: str
    content: tuple[str, Box]
    image: Image.Image


def read_uploads(files: Iterable[File], room: int = MAX_IMAGES) -> tuple[list[tuple[str, Image.Image]], list[str]]:
    """Read at most `room` files -> the names and images, and a sentence for each reason to skip files."""
    images, refused, too_many = [], [], []
    for file in files:
        if len(images) == room:
            too_many.append(file.name)
            continue
        data = file.getvalue()
        if len(data) > MAX_FILE_MB * 2**20:
            refused.append(texts.UPLOAD_TOO_LARGE.format(name=file.name, limit=MAX_FILE_MB))
            continue
        try:
            image = open_image(data)
        except UserError as error:
            refused.append(str(error).replace("The upload", file.name, 1))
            continue
        image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
        images.append((file.name, image))
    if too_many:
        refused.append(texts.TOO_MANY_UPLOADS.format(limit=MAX_IMAGES, names=", ".join(too_many)))
    return images, refused


def boxes_of(upload: Upload, boxes: dict[str, Sequence[Box]]) -> Sequence[Box]:
    """Return the boxes drawn on an upload, by its id; without, the whole image of a crop and none on a photograph."""
    return boxes.get(upload.id, (WHOLE_IMAGE,) if upload.shows_one_person else ())


def probe_images(uploads: Iterable[Upload], boxes: dict[str, Sequence[Box]]) -> list[ProbeImage]:
    """Crop each upload to each of its boxes."""
    found = []
    for upload in uploads:
        drawn = boxes_of(upload, boxes)
        for number, box in enumerate(drawn, 1):
            name = upload.name if len(drawn) == 1 else texts.BOX_OF.format(name=upload.name, number=number)
            found.append(ProbeImage(name, (upload.id, tuple(box)), cut(upload, box)))
    return found


def first_box(upload: Upload) -> Box:
    """Return a person-shaped box in the middle of an upload, where the keyboard begins to draw."""
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


def check_boxes(values: object) -> list[Box] | None:
    """Check the boxes that the browser sends -> boxes inside the image, or None if one is not valid."""
    if not isinstance(values, list | tuple) or len(values) > MAX_BOXES:
        return None
    boxes = [check_box(each) for each in values]
    return None if None in boxes else boxes


def cut(upload: Upload, box: Box) -> Image.Image:
    """Crop an image to a box, at least one pixel wide and high."""
    width, height = upload.image.size
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    return upload.image.crop((left, top, max(round(box[2] * width), left + 1), max(round(box[3] * height), top + 1)))
