"""The commands of `python -m core gallery`: galleries on disk, by name. What one needs is imported when it runs."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    add_command,
    add_device,
)
from core.cli.milvus import LOCAL_URI
from core.data.images import IMAGE_SUFFIXES
from core.data.labels import LABEL_RULES
from core.errors import UserError
from core.folders import galleries_folder

MAX_NAMES_SHOWN = 20  # names of files that were left out


def add_gallery(subparsers) -> None:
    help = "Galleries kept on disk by name: add pictures, bring up to date, list, look into, send, rename, delete."
    top = subparsers.add_parser("gallery", help=help, description=help)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function, help: str) -> argparse.ArgumentParser:
        sub = add_command(commands, function, help, name)
        if function is not list_all:
            sub.add_argument("name", metavar="NAME", help="the gallery's name")
        return sub

    def describing(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--background", action="store_true", help="in a process of its own, which outlives this one")
        add_device(sub)

    sub = command("add", add, "Add pictures to a gallery, or make a new one of them, and describe them.")
    sub.add_argument(
        "sources",
        type=Path,
        nargs="+",
        metavar="SOURCE",
        help="folders, whose pictures stay there; zips and pictures, which are copied",
    )
    labels_help = "; ".join(f"{name}: {what}" for name, what in LABEL_RULES.items()) + " (default: layout)"
    sub.add_argument("--labels", choices=LABEL_RULES, default="layout", help=labels_help)
    sub.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="table of labels (for --labels csv: the source's labels.csv if none is given)",
    )
    sub.add_argument("--model", type=Path, metavar="CHECKPOINT", help="checkpoint or run that describes a new gallery")
    describing(sub)

    sub = command("update", update, "Describe what is new or changed in a gallery's sources; go on where it ended.")
    sub.add_argument("--model", type=Path, metavar="CHECKPOINT", help="describe all pictures anew, with this one")
    describing(sub)

    command("list", list_all, "List the galleries.")

    sub = command("info", info, "Say what a gallery is made of, how far it is, and what is odd about its pictures.")
    sub.add_argument("--near", action="store_true", help="look for pictures that the model cannot tell apart, too")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write it here, with all names")

    command("stop", stop, "Ask for an end after the block under way; an update goes on.")

    sub = command("rename", rename, "Give a gallery another name.")
    sub.add_argument("new", metavar="NEW", help="its new name")

    sub = command("remove", remove, "Take a source away from a gallery, with its pictures.")
    sub.add_argument("number", type=int, metavar="NUMBER", help="as `info` numbers the sources")
    describing(sub)

    sub = command(
        "send",
        send,
        "Send a gallery to a Milvus server, what is new alone, and delete there what it has no "
        "more; pages then search it there. Interrupted, it goes on.",
    )
    sub.add_argument(
        "--uri", default=LOCAL_URI, help=f"the server (default: {LOCAL_URI}); its token is read from MILVUS_TOKEN"
    )
    sub.add_argument(
        "--index", choices=("FLAT", "HNSW"), default="FLAT", help="FLAT is exact, HNSW fast (default: FLAT)"
    )

    command("withdraw", withdraw, "Delete a gallery's copy from its server.")

    command("delete", delete, "Delete a gallery for good, and what zips have put into it; folders are left alone.")


def add(options: argparse.Namespace) -> None:
    from core.galleries.catalog import extend_gallery
    from core.galleries.sources import add_folder, add_uploads, add_zip

    labels = options.labels, options.csv
    pictures = [path for path in options.sources if path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir()]
    with extend_gallery(options.name, galleries_folder(), options.model) as gallery:
        for path in options.sources:
            if path.suffix.lower() == ".zip" and not path.is_dir():
                add_zip(gallery, path, *labels)
            elif path not in pictures:
                add_folder(gallery, path, *labels)
        if pictures:
            for name, why in add_uploads(gallery, ((path.name, path.read_bytes()) for path in pictures), *labels):
                print(f"left out: {name} {why}")
    _describe(gallery, options)


def update(options: argparse.Namespace) -> None:
    gallery = _find(options)
    gallery.ask(options.model)
    _describe(gallery, options)


def list_all(options: argparse.Namespace) -> None:
    from core.galleries.catalog import list_galleries

    galleries = list_galleries(galleries_folder())
    for gallery in galleries:
        count = f"{gallery.pictures:,} pictures"
        print(f"{gallery.name:24}{count:>20}  {gallery.model['name']:24}{_state(gallery)}")
    if not galleries:
        print(
            f"There is no gallery in {galleries_folder()}; `python -m core gallery add NAME FOLDER --model CHECKPOINT` "
            "makes one. MR_BCNN_GALLERIES names another folder."
        )


def info(options: argparse.Namespace) -> None:
    from core.galleries.overview import overview
    from core.json_file import write_json

    gallery = _find(options)
    found = overview(gallery, options.near)
    model = gallery.model
    print(f"{gallery.name}: {_state(gallery)}\nmodel {model['name']} ({model['checkpoint']})")
    for source in found.sources:
        table = f", {source.table}" if source.table else ""
        print(f"source {source.number}: {source.kind} {source.origin}, labels {source.labels}{table}")
    for note in found.notes:
        print(f"  {note}")
    if found.health:
        print(found.health.text())
    if options.json:
        write_json(options.json, found.to_json())


def stop(options: argparse.Namespace) -> None:
    gallery = _find(options)
    if not gallery.progress.is_alive:
        raise UserError(f"The gallery {gallery.name} is not being described: it is {_state(gallery)}.")
    gallery.job.stop()
    print(f"{gallery.name} stops after the block under way")


def rename(options: argparse.Namespace) -> None:
    from core.galleries.catalog import rename_gallery

    print(f"{options.name} is now {rename_gallery(_find(options), options.new).name}")


def remove(options: argparse.Namespace) -> None:
    from core.galleries.sources import remove_source

    gallery = _find(options)
    remove_source(gallery, options.number)
    _describe(gallery, options)


def send(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from core.jobs.job import FINISHED
    from core.milvus.sync import read_copy
    from core.milvus.sync import send as send_gallery

    gallery = _find(options)
    with tqdm(desc="sending", unit="picture") as bar:

        def advance(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        rows = send_gallery(gallery, options.uri, options.index, advance)
    copy = read_copy(gallery)
    if copy and gallery.sending.state == FINISHED:
        print(
            f"{gallery.name} on {options.uri}: {copy.pictures:,} pictures as {copy.collection}, {rows:,} of them new "
            f"or changed, {copy.index}"
        )


def withdraw(options: argparse.Namespace) -> None:
    from core.milvus.sync import read_copy
    from core.milvus.sync import withdraw as withdraw_gallery

    gallery = _find(options)
    copy = read_copy(gallery)
    withdraw_gallery(gallery)
    print(f"{gallery.name} is gone from {copy.uri}" if copy else f"{gallery.name} lies on no server")


def delete(options: argparse.Namespace) -> None:
    from core.galleries.catalog import delete_gallery

    delete_gallery(_find(options))
    print(f"{options.name} is deleted")


def _find(options: argparse.Namespace):
    from core.galleries.catalog import find_gallery

    return find_gallery(options.name)


def _state(gallery) -> str:
    progress = gallery.progress
    far = f" {progress.done:,} of {progress.total:,}" if progress.total and progress.state != "finished" else ""
    return f"{progress.state or 'not described'}{far}{f': {progress.message}' if progress.message else ''}"


def _describe(gallery, options: argparse.Namespace) -> None:
    """Bring a gallery up to date, here or in the background; what another process is at, it finishes."""
    from core.galleries.update import describe_gallery, launch
    from core.jobs.job import RUNNING, Busy

    if options.background:
        launch(gallery)
        print(
            f"{gallery.name} is described in the background; `python -m core gallery info {gallery.name}` says how "
            "far it is"
        )
        return
    import torch
    from tqdm import tqdm

    torch.set_num_threads(1)  # each core takes a batch of its own
    with tqdm(desc="describing", unit="picture") as bar:

        def advance(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        try:
            if gallery.progress.state == RUNNING:
                gallery.job.refuse_if_alive()
            describe_gallery(gallery, options.device, advance)
        except Busy:
            bar.leave = False
            print(f"{gallery.name} is being described by another process, which takes this in")
            return
    for name, why in gallery.refused()[:MAX_NAMES_SHOWN]:
        print(f"left out: {name}: {why}")
    print(
        f"{gallery.name}: {_state(gallery)}, {gallery.pictures:,} pictures, {len(gallery.refused()):,} files left out"
    )
