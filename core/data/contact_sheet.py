"""A sheet of sample images: a row for each of some identities."""

from PIL import Image, ImageDraw

from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.data.images import open_image
from core.data.inspection import sample_identities
from core.data.records import Dataset
from core.errors import UserError

GAP, TEXT = 6, 16  # pixels


def draw_sheet(dataset: Dataset, identities: int = 8, images: int = 6) -> Image.Image:
    """Draw sample images of some identities, each with its identity and camera.

    Args:
        dataset: The data set.
        identities: The number of rows.
        images: The largest number of images in a row.

    Returns:
        An RGB image. An image that cannot be opened leaves its place empty.

    Raises:
        UserError: If no image has an identity.
    """
    rows = sample_identities(dataset, identities, images)
    if not rows:
        raise UserError(f"No image of {dataset.root} has an identity, so there is nothing to draw.")
    width, height = IMAGE_COLUMNS + GAP, IMAGE_ROWS + TEXT + GAP
    sheet = Image.new("RGB", (images * width + GAP, len(rows) * height + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (identity, records) in enumerate(rows.items()):
        for column, record in enumerate(records):
            corner = GAP + column * width, GAP + row * height
            draw.text(corner, f"{identity[:8]} c{record.camera}", "black")
            try:
                small = open_image(record.path).resize((IMAGE_COLUMNS, IMAGE_ROWS))
            except UserError:
                continue
            sheet.paste(small, (corner[0], corner[1] + TEXT))
    return sheet
