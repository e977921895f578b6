"""What the commands of named galleries share: find a gallery, index it with a progress bar, and print its state."""

import argparse

from core.cli.arguments import add_device
from core.counts import counted

MAX_NAMES_SHOWN = 20  # skipped files that are printed


def add_indexing_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the arguments of `index`."""
    sub.add_argument("--background", action="store_true", help="index in a background process, and return at once")
    add_device(sub)


def find(options: argparse.Namespace):
    """Find the gallery named by the arguments."""
    from core.galleries.catalog import find_gallery

    return find_gallery(options.name)


def describe_state(gallery) -> str:
    """Return the state of a gallery's indexing, its progress and its message."""
    progress = gallery.progress
    count = f" {progress.done:,} of {progress.total:,}" if progress.total and progress.state != "finished" else ""
    return f"{progress.state or 'not indexed'}{count}{f': {progress.message}' if progress.message else ''}"


def index(gallery, options: argparse.Namespace) -> None:
    """Index a gallery in this process or in the background, unless another process does so already."""
    from core.galleries.update import describe_gallery, launch
    from core.jobs.job import Busy
    from core.jobs.progress import RUNNING

    if options.background:
        launch(gallery)
        print(
            f"indexing {gallery.name} in the background; `python -m core gallery info {gallery.name}` shows "
            "its progress"
        )
        return
    import torch
    from tqdm import tqdm

    torch.set_num_threads(1)  # batches run in parallel, one per core
    with tqdm(desc="indexing", unit="image") as bar:

        def on_progress(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        try:
            if gallery.progress.state == RUNNING:
                gallery.job.refuse_if_alive()
            describe_gallery(gallery, options.device, on_progress)
        except Busy:
            bar.leave = False
            print(f"another process is indexing {gallery.name} and includes this change")
            return
    for name, reason in gallery.skipped()[:MAX_NAMES_SHOWN]:
        print(f"skipped: {name}: {reason}")
    counts = f"{counted(gallery.images, 'image')}, {counted(len(gallery.skipped()), 'file')} skipped"
    print(f"{gallery.name}: {describe_state(gallery)}, {counts}")
