"""The search as one function with an API: `python app/gradio_app.py` opens it for this machine only.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT set the address. MR_BCNN_DATA, MR_BCNN_GALLERIES and MR_BCNN_CHECKPOINTS set
the folders of the data, of the named galleries and of the models.
"""

import os
import signal
import sys
from importlib.util import find_spec
from tempfile import TemporaryDirectory

import gradio as gr

from app import gradio_texts as texts
from app.gradio_inputs import MAX_RESULTS, check_results, pass_paths, pass_value
from app.gradio_search import (
    COLUMNS,
    MAX_FILE_AGE_S,
    current_galleries,
    find_gallery,
    load,
    read_gallery,
    search_with_image,
)
from app.gradio_tools import TOOLS
from app.shared import texts as shared_texts
from app.shared.settings import SHIPPED, list_models, models_for
from core.errors import UserError
from core.jobs.process_settings import let_threads_sleep

MAX_UPLOAD_SIZE, MAX_WAITING_REQUESTS = "25mb", 64
SWEEP_INTERVAL_S = 60  # how often old uploads and crops are deleted
THEME = gr.themes.Default(
    primary_hue="indigo", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
)
CSS = """
.gradio-container {max-width: 1180px !important; margin: 0 auto !important}
#ranking .thumbnail-item {aspect-ratio: 0.5}
#ranking .thumbnail-item img {object-fit: cover}
#ranking .grid-container {grid-template-columns: repeat(auto-fill, minmax(96px, 1fr))}
#ranking .grid-wrap {max-height: none}
"""


def gallery_choices() -> list[tuple[str, str]]:
    """Return names to show and values of the demo gallery and of the named galleries."""
    return [(shared_texts.DEMO_GALLERY, SHIPPED), *((name, name) for name in current_galleries())]


def update_choices(gallery: str) -> tuple[gr.Dropdown, gr.Dropdown]:
    """Return the models and cameras of the chosen gallery."""
    try:
        stored = find_gallery(gallery)
        names, cameras = list(models_for(stored)), read_gallery(stored).cameras
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from None
    return gr.Dropdown(names, value=names[0]), gr.Dropdown([str(camera) for camera in cameras], value=[])


def limit_queue(page: gr.Blocks, size: int) -> gr.Blocks:
    """Let at most `size` requests wait; refuse further ones with a sentence of the app, as HTTP status 503."""
    page.queue(max_size=size, api_open=False)
    push = page._queue.push

    async def push_or_refuse(*request, **named):
        if len(page._queue) >= size:
            return False, texts.BUSY.format(count=size), "queue_full"
        return await push(*request, **named)

    page._queue.push = push_or_refuse
    return page


def build() -> gr.Blocks:
    """Build the page. Raises UserError if there is no gallery or no model."""
    images, names = read_gallery(), list(list_models())
    with gr.Blocks(title=texts.TITLE, analytics_enabled=False, delete_cache=(SWEEP_INTERVAL_S, MAX_FILE_AGE_S)) as page:
        gr.Markdown(f"# {texts.TITLE}\n{texts.DESCRIPTION}")
        image = pass_paths(
            gr.Image(
                type="filepath",
                label=texts.IMAGE,
                height=320,
                sources=["upload", "clipboard"],
                render=False,
            )
        )
        if probes := [[str(record.path)] for record in images.probes if record.path.exists()]:
            gr.Examples(probes, image, label=shared_texts.DEMO_PROBES, api_visibility="private")
        with gr.Row():
            with gr.Column(scale=1, min_width=240):
                image.render()
                gallery = gr.Dropdown(
                    gallery_choices(), value=SHIPPED, label=shared_texts.GALLERY, allow_custom_value=True
                )
                model = pass_value(gr.Dropdown(names, value=names[0], label=shared_texts.MODEL))
                results = check_results(gr.Slider(1, MAX_RESULTS, 20, step=1, label=texts.RESULTS))
                cameras = gr.Dropdown(
                    [str(camera) for camera in images.cameras],
                    value=[],
                    multiselect=True,
                    label=shared_texts.CAMERAS,
                    info=shared_texts.CAMERAS_HELP,
                    allow_custom_value=True,
                )
                button = gr.Button(texts.SEARCH, variant="primary")
            with gr.Column(scale=3):
                message = gr.Markdown(label=texts.MESSAGE)
                crops = gr.Gallery(
                    label=shared_texts.RANKING, show_label=False, elem_id="ranking", height="auto", format="png"
                )
                table = gr.Dataframe(headers=COLUMNS, label=texts.TABLE, interactive=False)
        page.load(
            lambda: gr.Dropdown(gallery_choices()), None, gallery, api_visibility="private", show_progress="hidden"
        )
        gallery.input(update_choices, gallery, [model, cameras], api_visibility="private", show_progress="hidden")
        button.click(
            search_with_image,
            [image, model, results, cameras, gallery],
            [crops, table, message],
            api_name="search",
            concurrency_limit=max(1, os.cpu_count() or 1),
        )
        for name, function in TOOLS.items():
            gr.api(function, api_name=name)
    return limit_queue(page, MAX_WAITING_REQUESTS)


def main() -> int:
    """Run the server and return the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that temporary files are removed, too
    with TemporaryDirectory(prefix="mr-bcnn-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        gr.mcp.DEFAULT_TEMP_DIR = folder  # Gradio has read the variable when it was imported
        has_mcp = find_spec("mcp") is not None
        try:
            page = build()
            load(next(iter(list_models())), read_gallery())  # loads the default model before the first search
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        _, url, _ = page.launch(
            max_file_size=MAX_UPLOAD_SIZE,
            theme=THEME,
            css=CSS,
            footer_links=["api"],
            share=False,
            ssr_mode=False,
            enable_monitoring=False,
            quiet=True,
            prevent_thread_lock=True,
            mcp_server=has_mcp,
        )
        print(texts.OPEN.format(url=url), flush=True)
        if has_mcp:
            print(texts.OPEN_MCP.format(url=url), flush=True)
        page.block_thread()
    return 0


if __name__ == "__main__":
    let_threads_sleep()
    sys.exit(main())
