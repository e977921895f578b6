"""The commands of `python -m core milvus`; what a command needs is imported when it runs."""

import argparse
import json
from pathlib import Path

from core.cli.arguments import (
    add_checkpoint,
    add_command,
    add_search_arguments,
    asked_for,
    positive,
    show_ranking,
)
from core.errors import UserError

LOCAL_URI = "http://127.0.0.1:19530"


def add_milvus(subparsers) -> None:
    help = "Galleries on a Milvus server, for what outgrows one machine. Its token is read from MILVUS_TOKEN."
    top = subparsers.add_parser("milvus", help=help, description=help)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(function, help: str) -> argparse.ArgumentParser:
        sub = add_command(commands, function, help)
        sub.add_argument("--uri", default=LOCAL_URI, help=f"the server (default: {LOCAL_URI})")
        sub.add_argument("--name", default="gallery", help="the gallery's name on the server (default: gallery)")
        sub.add_argument(
            "--ef",
            type=positive,
            default=128,
            metavar="N",
            help="least candidates of HNSW: more find more, slower (default: 128)",
        )
        return sub

    gallery_help = "a gallery's name (see `gallery`), or what embed wrote"
    sub = command(push, "Send a gallery to the server: what is new or changed alone. Interrupted, it goes on.")
    sub.add_argument("gallery", type=Path, metavar="GALLERY", help=gallery_help)
    sub.add_argument(
        "--index", choices=("FLAT", "HNSW"), default="FLAT", help="FLAT is exact, HNSW fast (default: FLAT)"
    )
    sub.add_argument("--remove", action="store_true", help="delete from the server what the gallery does not have")

    sub = command(search, "Rank the gallery on the server for one probe; several images are taken as one person.")
    add_checkpoint(sub)
    add_search_arguments(sub)

    sub = command(recall, "Say how much of the exact ranking the server finds, for images of the gallery as probes.")
    sub.add_argument("gallery", type=Path, metavar="GALLERY", help=f"{gallery_help}: the one that was pushed")
    sub.add_argument("--top", type=positive, default=10, help="results that are compared (default: 10)")
    sub.add_argument("--probes", type=positive, default=100, help="images, evenly drawn (default: 100)")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")

    command(drop, "Delete the gallery from the server.")


def push(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    gallery, remote = _gallery(options.gallery), _remote(options)
    with tqdm(total=len(gallery), desc="pushing", unit="image") as bar:
        sent = remote.push(gallery, options.index, on_progress=bar.update, remove=options.remove)
    print(f"{options.name} on {remote.server}: {len(remote):,} images, {sent:,} of them new or changed, {remote.index}")


def search(options: argparse.Namespace) -> None:
    from core.inference.model import load

    remote = _remote(options)
    probe = load(options.checkpoint, options.device).describe(options.probes)
    show_ranking(remote.search(probe, options.top, **asked_for(options)), options)


def recall(options: argparse.Namespace) -> None:
    from core.data.subsample import sample
    from core.search.exact import as_float32

    gallery, remote = _gallery(options.gallery), _remote(options)
    if len(gallery) != len(remote):
        raise UserError(
            f"{options.gallery} has {len(gallery):,} images and {options.name} on {remote.server} has "
            f"{len(remote):,}: push the one that is meant."
        )
    probes = as_float32(gallery.descriptors[list(sample(range(len(gallery)), options.probes))])
    share = remote.recall(gallery, probes, options.top)
    print(
        f"recall@{options.top} of {remote.index} against exact: {100 * share:.2f} %, {len(probes):,} probes of its own"
    )
    if options.json:
        figures = {"recall": share, "top": options.top, "probes": len(probes), "index": remote.index, "ef": options.ef}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def drop(options: argparse.Namespace) -> None:
    remote = _remote(options)
    count = len(remote)
    remote.drop()
    print(f"{options.name} on {remote.server} is gone, with {count:,} images")


def _gallery(name: Path):
    from core.galleries.catalog import stored_gallery
    from core.search.gallery import Gallery

    stored = stored_gallery(name)
    return stored.open() if stored else Gallery.open(name)


def _remote(options: argparse.Namespace):
    from core.milvus.gallery import MilvusGallery

    return MilvusGallery(options.uri, options.name, ef=options.ef)
