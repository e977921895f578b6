"""The commands of `python -m core gallery` that change single images: relabel, tag, remove-images, reset."""

import argparse
import os
from collections.abc import Iterable, Sequence

from core.cli.arguments import add_command
from core.cli.indexing import add_indexing_arguments, find, index
from core.errors import UserError

IMAGE_HELP = "path of an image in the gallery, as search prints it, or its file name"


def add_image_commands(commands) -> None:
    """Add the commands to the subcommands of `gallery`."""

    def command(function, name: str = "") -> argparse.ArgumentParser:
        sub = add_command(commands, function, name)
        sub.add_argument("name", metavar="NAME", help="name of the gallery")
        sub.add_argument("images", nargs="+", metavar="IMAGE", help=IMAGE_HELP)
        return sub

    sub = command(relabel)
    sub.add_argument("--identity", help="new identity; '' for an unlabelled image")
    sub.add_argument("--camera", type=int, metavar="N", help="new camera; 0 for an unknown camera")
    add_indexing_arguments(sub)

    sub = command(tag)
    sub.add_argument("--tags", nargs="*", required=True, metavar="TAG", help="the new tags; none to remove all tags")

    add_indexing_arguments(command(remove_images, "remove-images"))

    add_indexing_arguments(command(reset))


def relabel(options: argparse.Namespace) -> None:
    """Change the identity or the camera of images, and update the gallery.

    The files are not changed.
    """
    from core.galleries.changes import relabel_images

    if options.identity is None and options.camera is None:
        raise UserError("Give --identity, --camera or both.")
    gallery = find(options)
    relabel_images(gallery, find_images(gallery, options.images), options.identity, options.camera)
    index(gallery, options)


def tag(options: argparse.Namespace) -> None:
    """Replace the tags of images.

    The page Data filters the images of a gallery by their tags.
    """
    from core.galleries.changes import read_changes, tag_images, tags_of

    gallery = find(options)
    tag_images(gallery, find_images(gallery, options.images), options.tags)
    counts = (f"{name} ({count:,})" for name, count in tags_of(read_changes(gallery)).items())
    print(f"tags of {gallery.name}: {', '.join(counts) or 'none'}")


def remove_images(options: argparse.Namespace) -> None:
    """Remove images from a gallery, and update it.

    The files are not deleted. The command reset restores the images.
    """
    from core.galleries import changes

    gallery = find(options)
    changes.remove_images(gallery, find_images(gallery, options.images))
    index(gallery, options)


def reset(options: argparse.Namespace) -> None:
    """Discard all changes of images: labels, tags and removal.

    Then the gallery is updated.
    """
    from core.galleries.changes import read_changes, reset_images

    gallery = find(options)
    reset_images(gallery, find_images(gallery, options.images, read_changes(gallery)))
    index(gallery, options)


def find_images(gallery, wanted: Sequence[str], removed: Iterable[str] = ()) -> list[str]:
    """Find images of a named gallery.

    Args:
        gallery: The gallery.
        wanted: Paths or file names of images.
        removed: Further paths as in the table of images, because a removed image is not in the table.

    Returns:
        Their paths in the table of images.

    Raises:
        UserError: If the gallery has no such image, or if several images have this file name.
    """
    paths = dict.fromkeys([*gallery.records()["path"], *removed])
    by_path = {os.path.abspath(gallery.folder / path): path for path in paths}
    found = []
    for image in wanted:
        named = [path for path in paths if path == image or os.path.basename(path) == image]
        matching = [by_path[os.path.abspath(image)]] if os.path.abspath(image) in by_path else named
        if not matching:
            raise UserError(f"The gallery {gallery.name} has no image {image}. `search` prints the paths.")
        if len(matching) > 1:
            raise UserError(f"{len(matching)} images of {gallery.name} are named {image}. Give the path of the image.")
        found += matching
    return found
