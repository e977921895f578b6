"""The commands of `python -m core milvus`: galleries on a Milvus server."""

import argparse
import json
from pathlib import Path

from core.cli.arguments import (
    add_checkpoint,
    add_command,
    add_search_arguments,
    positive,
    search_filters,
    show_ranking,
)
from core.counts import counted
from core.errors import UserError

LOCAL_URI = "http://127.0.0.1:19530"


def add_milvus(subparsers) -> None:
    """Add the command `milvus` and its subcommands."""
    help = "Push and search galleries on a Milvus server. The server's token is read from MILVUS_TOKEN."
    top = subparsers.add_parser("milvus", help=help, description=help)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(function) -> argparse.ArgumentParser:
        sub = add_command(commands, function)
        sub.add_argument("--uri", default=LOCAL_URI, help=f"URI of the server (default: {LOCAL_URI})")
        sub.add_argument("--name", default="gallery", help="name of the gallery on the server (default: gallery)")
        sub.add_argument(
            "--ef",
            type=positive,
            default=128,
            metavar="N",
            help="HNSW: minimum number of candidates; more candidates raise the recall and the time (default: 128)",
        )
        return sub

    gallery_help = "name of a gallery (see the command gallery), or output folder of the command embed"
    sub = command(push)
    sub.add_argument("gallery", type=Path, metavar="GALLERY", help=gallery_help)
    sub.add_argument(
        "--index", choices=("FLAT", "HNSW"), default="FLAT", help="FLAT is exact, HNSW is fast (default: FLAT)"
    )
    sub.add_argument(
        "--remove", action="store_true", help="delete images from the server that the gallery does not have"
    )

    sub = command(search)
    add_checkpoint(sub)
    add_search_arguments(sub)

    sub = command(recall)
    sub.add_argument("gallery", type=Path, metavar="GALLERY", help=f"{gallery_help}; the one that was pushed")
    sub.add_argument("--top", type=positive, default=10, help="number of results to compare (default: 10)")
    sub.add_argument(
        "--probes", type=positive, default=100, help="number of probes, evenly spaced in the gallery (default: 100)"
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file")

    command(drop)


def push(options: argparse.Namespace) -> None:
    """Push the new and changed images of a gallery to the server.

    An interrupted push resumes when the command is repeated.
    """
    from tqdm import tqdm

    gallery, model = _gallery(options.gallery)
    remote = _remote(options, model)
    with tqdm(total=len(gallery), desc="pushing", unit="image") as bar:
        sent = remote.push(gallery, options.index, on_progress=bar.update, remove=options.remove)
    images = counted(len(remote), "image")
    print(f"{options.name} on {remote.server}: {images}, {sent:,} of them new or changed, {remote.index}")


def search(options: argparse.Namespace) -> None:
    """Rank the gallery on the server for one probe.

    Several probe images are taken as images of one person.
    """
    from core.evaluation.person_check import find_no_person
    from core.inference.checkpoint import fingerprint
    from core.inference.model import load

    remote = _remote(options, fingerprint(options.checkpoint))
    probe = load(options.checkpoint, options.device).describe(options.probes)
    warning = find_no_person(options.checkpoint, probe)
    show_ranking(remote.search(probe, options.top, **search_filters(options)), options, warning)


def recall(options: argparse.Namespace) -> None:
    """Measure the share of the exact results that the server finds.

    The probes are images of the gallery.
    """
    from core.data.subsample import sample
    from core.search.exact import as_float32

    gallery, model = _gallery(options.gallery)
    remote = _remote(options, model)
    if len(gallery) != len(remote):
        raise UserError(
            f"{options.gallery} has {len(gallery):,} images, but {options.name} on {remote.server} has "
            f"{len(remote):,}. Push the gallery first."
        )
    probes = as_float32(gallery.descriptors[list(sample(range(len(gallery)), options.probes))])
    share = remote.recall(gallery, probes, options.top)
    print(
        f"recall@{options.top} of {remote.index} against exact search: {100 * share:.2f} %, {len(probes):,} probes "
        "from the gallery"
    )
    if options.json:
        figures = {"recall": share, "top": options.top, "probes": len(probes), "index": remote.index, "ef": options.ef}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def drop(options: argparse.Namespace) -> None:
    """Delete the gallery from the server."""
    remote = _remote(options)
    count = len(remote)
    if not remote.drop():
        raise UserError(f"There is no gallery {options.name} on {remote.server}. Check --name and --uri.")
    print(f"deleted {options.name} on {remote.server}: {counted(count, 'image')}")


def _gallery(name: Path):
    """Open a named gallery, or the output folder of `embed`. Return also its model's fingerprint, "" if unknown."""
    from core.galleries.catalog import stored_gallery
    from core.search.gallery import Gallery

    if stored := stored_gallery(name):
        snapshot = stored.snapshot()
        return snapshot.gallery, snapshot.model.get("fingerprint", "")
    return Gallery.open(name), ""


def _remote(options: argparse.Namespace, model: str = ""):
    """Connect to the gallery on the server."""
    from core.milvus.gallery import MilvusGallery

    return MilvusGallery(options.uri, options.name, ef=options.ef, model=model)
