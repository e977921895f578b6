"""Inputs of the Gradio app: a caller of the API may send values of any type, and gets a sentence for a wrong one."""

from typing import Any

import gradio as gr
from gradio.data_classes import ImageData
from gradio_client.utils import is_http_url_like

from app import gradio_texts as texts
from core.errors import UserError

MAX_RESULTS, MAX_CAMERA_DIGITS = 100, 9


class Upload(ImageData):
    """An image as a caller sends it; other types give a sentence."""

    model_config = {"json_schema_extra": {"description": texts.UPLOAD}}  # on the page of the API

    @classmethod
    def model_validate(cls, value: Any, **options: Any) -> "Upload":
        """Read an object. Raises gr.Error for anything else, such as the path of a file as text."""
        try:
            return super().model_validate(value, **options)
        except ValueError:  # pydantic's error quotes the value, and Gradio would write it into the log
            raise gr.Error(texts.NOT_A_FILE, print_exception=False) from None


def pass_paths(image: gr.Image) -> gr.Image:
    """Let an image box pass uploads as paths to the function, so that only core.data.images opens them.

    Gradio would show the path and the message of a decoder to the user, decode data URLs without a limit, and fetch any
    address for a caller.
    """

    def path_of(upload: ImageData | None) -> str | None:
        if upload and (upload.path is None or (upload.url or "").startswith("data:")):
            raise gr.Error(texts.NOT_A_FILE, print_exception=False)
        return upload.path if upload else None

    async def refuse_links(path: str) -> str:
        if is_http_url_like(path):
            raise gr.Error(texts.A_LINK, print_exception=False)
        return path  # Gradio has checked that it is an upload

    image.data_model = Upload
    image.preprocess, image.async_move_resource_to_block_cache = path_of, refuse_links
    return image


def pass_value(box: gr.Dropdown) -> gr.Dropdown:
    """Let a box pass each value to the function, which refuses a wrong one with a sentence.

    Gradio would write a traceback into the log of the server, and refuse choices that did not exist at the start.
    """
    box.preprocess = lambda value: value
    return box


def check_results(slider: gr.Slider) -> gr.Slider:
    """Let a slider refuse what is no number of results with a sentence."""

    def count_of(value: Any) -> int:
        try:
            return parse_results(value)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None

    slider.preprocess = count_of
    return slider


def parse_results(value: Any) -> int:
    """Return the number of results. Raises UserError unless it is a whole number from 1 to `MAX_RESULTS`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value not in range(1, MAX_RESULTS + 1):
        raise UserError(texts.NO_RESULTS.format(value=value, most=MAX_RESULTS))
    return int(value)


def parse_cameras(cameras: Any) -> list[int]:
    """Return the numbers of cameras, given as a list of texts or numbers; None is no camera.

    Raises UserError for anything else. A text alone is no list: "12" could be camera 12, or the cameras 1 and 2.
    """
    if cameras is None:
        return []
    if not isinstance(cameras, list | tuple):
        raise UserError(texts.NO_CAMERAS.format(value=cameras))
    for name in map(str, cameras):
        if not name.isdecimal() or len(name) > MAX_CAMERA_DIGITS:
            raise UserError(texts.NO_CAMERA.format(name=name))
    return [int(camera) for camera in cameras]
