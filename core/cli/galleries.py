"""The commands of `python -m core gallery`: named galleries on disk."""

import argparse
from pathlib import Path

from core.cli.arguments import add_command, add_rules_options, chosen_rules
from core.cli.gallery_images import add_image_commands
from core.cli.indexing import add_indexing_arguments, describe_state, find, index
from core.cli.milvus import LOCAL_URI
from core.counts import counted
from core.data.addresses import add_rules
from core.data.images import IMAGE_SUFFIXES
from core.data.labels import LABEL_RULES
from core.errors import UserError
from core.folders import galleries_folder


def add_gallery(subparsers) -> None:
    """Add the command `gallery` and its subcommands."""
    help = "Manage named galleries: add, update, list, info, stop, rename, remove, relabel, tag, remove-images, "
    help += "reset, send, withdraw, delete."
    top = subparsers.add_parser("gallery", help=help, description=help)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(function, name: str = "") -> argparse.ArgumentParser:
        sub = add_command(commands, function, name)
        if function is not list_all:
            sub.add_argument("name", metavar="NAME", help="name of the gallery")
        return sub

    sub = command(add)
    sub.add_argument(
        "sources",
        type=Path,
        nargs="+",
        metavar="SOURCE",
        help="folders (their images are read in place), zip archives and images (both are copied)",
    )
    labels_help = "; ".join(f"{name}: {rule}" for name, rule in LABEL_RULES.items()) + " (default: layout)"
    sub.add_argument("--labels", choices=LABEL_RULES, default="layout", help=labels_help)
    sub.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="table of labels for --labels csv (default: labels.csv of the source)",
    )
    sub.add_argument(
        "--model",
        type=Path,
        metavar="CHECKPOINT",
        help="checkpoint or run that indexes the gallery; required for a new gallery",
    )
    add_rules_options(sub, "")
    add_indexing_arguments(sub)

    sub = command(update)
    sub.add_argument("--model", type=Path, metavar="CHECKPOINT", help="index all images again with this model")
    add_indexing_arguments(sub)

    command(list_all, "list")

    sub = command(info)
    sub.add_argument("--near", action="store_true", help="also find near-duplicate images")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the information to this file, with all names")

    command(stop)

    sub = command(rename)
    sub.add_argument("new", metavar="NEW", help="new name")

    sub = command(remove)
    sub.add_argument("number", type=int, metavar="NUMBER", help="number of the source in the output of info")
    add_indexing_arguments(sub)

    add_image_commands(commands)

    sub = command(send)
    sub.add_argument(
        "--uri",
        default=LOCAL_URI,
        help=f"URI of the server (default: {LOCAL_URI}); its token is read from MILVUS_TOKEN",
    )
    sub.add_argument(
        "--index", choices=("FLAT", "HNSW"), default="FLAT", help="FLAT is exact, HNSW is fast (default: FLAT)"
    )

    command(withdraw)

    command(delete)


def add(options: argparse.Namespace) -> None:
    """Add images to a gallery and index them.

    The gallery is created if it does not exist.
    """
    from core.galleries.adding import add_folder, add_uploads, add_zip
    from core.galleries.catalog import extend_gallery

    labels, rules = (options.labels, options.csv), chosen_rules(options)
    images = [path for path in options.sources if path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir()]
    with extend_gallery(options.name, galleries_folder(), options.model) as gallery:
        for path in options.sources:
            if path.suffix.lower() == ".zip" and not path.is_dir():
                if rules:
                    raise UserError(f"--rules and --yes are for folders; unpack {path.name} first.")
                add_zip(gallery, path, *labels)
            elif path not in images:
                add_folder(gallery, add_rules(path, rules), *labels)
        if images:
            for name, reason in add_uploads(gallery, ((path.name, path.read_bytes()) for path in images), *labels):
                print(f"skipped: {name} {reason}")
    index(gallery, options)


def update(options: argparse.Namespace) -> None:
    """Index the new and changed images of a gallery's sources.

    An interrupted update resumes.
    """
    gallery = find(options)
    gallery.ask(options.model)
    index(gallery, options)


def list_all(options: argparse.Namespace) -> None:
    """List all galleries."""
    from core.galleries.catalog import list_galleries

    galleries = list_galleries(galleries_folder())
    for gallery in galleries:
        try:
            facts = f"{counted(gallery.images, 'image'):>20}  {gallery.model['name']:24}{describe_state(gallery)}"
        except UserError as error:  # the other galleries are listed as well
            facts = f"{'':20}  {error}"
        print(f"{gallery.name:24}{facts}")
    if not galleries:
        print(
            f"There is no gallery in {galleries_folder()}. Create one with `python -m core gallery add NAME FOLDER "
            "--model CHECKPOINT`. MR_BCNN_GALLERIES sets another folder."
        )


def info(options: argparse.Namespace) -> None:
    """Show a gallery's state, model, sources and data quality."""
    from core.galleries.overview import overview
    from core.json_file import write_json

    gallery = find(options)
    found = overview(gallery, options.near)
    model = gallery.model
    print(f"{gallery.name}: {describe_state(gallery)}\nmodel {model['name']} ({model['checkpoint']})")
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
    """Stop indexing a gallery after the current block.

    The command update resumes it.
    """
    gallery = find(options)
    if not gallery.progress.is_alive:
        raise UserError(f"The gallery {gallery.name} is not being indexed: it is {describe_state(gallery)}.")
    gallery.job.stop()
    print(f"{gallery.name} stops after the current block")


def rename(options: argparse.Namespace) -> None:
    """Rename a gallery."""
    from core.galleries.catalog import rename_gallery

    print(f"renamed {options.name} to {rename_gallery(find(options), options.new).name}")


def remove(options: argparse.Namespace) -> None:
    """Remove a source and its images from a gallery."""
    from core.galleries.sources import remove_source

    gallery = find(options)
    remove_source(gallery, options.number)
    index(gallery, options)


def send(options: argparse.Namespace) -> None:
    """Copy a gallery to a Milvus server, where the app can search it.

    Only changes are sent, and images that the gallery no longer has are deleted on the server. An interrupted transfer
    resumes when the command is repeated.
    """
    from tqdm import tqdm

    from core.jobs.progress import FINISHED
    from core.milvus.sync import read_copy
    from core.milvus.sync import send as send_gallery

    gallery = find(options)
    with tqdm(desc="sending", unit="image") as bar:

        def on_progress(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        sent = send_gallery(gallery, options.uri, options.index, on_progress)
    copy = read_copy(gallery)
    if copy and gallery.sending.state == FINISHED:
        images = f"{counted(copy.images, 'image')} as {copy.collection}"
        print(f"{gallery.name} on {options.uri}: {images}, {sent:,} of them new or changed, {copy.index}")


def withdraw(options: argparse.Namespace) -> None:
    """Delete a gallery's copy from its Milvus server."""
    from core.milvus.sync import delete_copy as withdraw_gallery
    from core.milvus.sync import read_copy

    gallery = find(options)
    copy = read_copy(gallery)
    withdraw_gallery(gallery)
    print(f"deleted {gallery.name} from {copy.uri}" if copy else f"{gallery.name} is on no server")


def delete(options: argparse.Namespace) -> None:
    """Delete a gallery and its copied images.

    Folders that are its sources are kept.
    """
    from core.galleries.catalog import delete_gallery

    delete_gallery(find(options))
    print(f"deleted {options.name}")
