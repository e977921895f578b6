"""The commands `search`, `embed` and `project`."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    ADAPT_HELP,
    CENTRE_HELP,
    add_checkpoint,
    add_command,
    add_device,
    add_rules_options,
    add_search_arguments,
    add_seed,
    positive,
    search_filters,
    show_ranking,
)
from core.cli.describing import describe_folder
from core.cli.search_each import search_each
from core.counts import counted


def add_search(commands) -> None:
    """Add the command `search`."""
    sub = add_command(commands, search)
    add_checkpoint(sub)
    sub.add_argument(
        "gallery",
        type=Path,
        metavar="GALLERY",
        help="name of a gallery (see the command gallery), folder of images, or output folder of the command embed",
    )
    add_rules_options(sub, "gallery")
    add_search_arguments(sub)
    sub.add_argument(
        "--each",
        action="store_true",
        help="search for each probe by itself. A folder is all its images. Skips probes that cannot be read",
    )
    sub.add_argument("--adapt", action="store_true", help=f"{ADAPT_HELP} from its gallery images")
    sub.add_argument("--centre", action="store_true", help=f"{CENTRE_HELP} in the gallery")
    sub.add_argument("--rerank", action="store_true", help="apply k-reciprocal re-ranking")
    sub.add_argument(
        "--expand",
        type=positive,
        default=0,
        metavar="N",
        help="query expansion: average the probe's descriptor with those of its first N results, and search again",
    )


def search(options: argparse.Namespace) -> None:
    """Rank a gallery for one probe.

    Several probe images are taken as images of one person. With --each, they are searched for one by one.
    """
    import numpy as np
    from tqdm import tqdm

    from core.data.records import UNKNOWN_CAMERA
    from core.evaluation.person_check import find_no_person
    from core.galleries.adaptation import open_adapted
    from core.galleries.catalog import stored_gallery
    from core.inference.model import load
    from core.search.k_reciprocal import KReciprocal
    from core.search.reranking import MAX_IMAGES_RERANKED, adapt_gallery, centre_gallery, reorder

    model = load(options.checkpoint, options.device)
    if options.each:
        return search_each(model, lambda: _open_gallery(model, options), options)
    probe = model.describe(options.probes)
    warning = find_no_person(options.checkpoint, probe)
    gallery = _open_gallery(model, options)
    reordered = options.rerank or options.expand or options.adapt or options.centre
    ranking = gallery.search(probe, len(gallery) if reordered else options.top, **search_filters(options))
    if reordered:
        if options.adapt:
            with tqdm(desc="adapting", unit="image", leave=False) as bar:
                stored = stored_gallery(options.gallery)
                adapted = open_adapted(stored, model, gallery, bar.update) if stored else None
                gallery, models = adapted or adapt_gallery(model, gallery, bar.update)
            probe = models.describe(options.probes, UNKNOWN_CAMERA)
        if options.centre:
            gallery, centring = centre_gallery(gallery)
            probe = centring.transform(probe, np.full(len(probe), UNKNOWN_CAMERA))
        fitted = (
            KReciprocal().fit(gallery.descriptors) if options.rerank and len(gallery) <= MAX_IMAGES_RERANKED else None
        )
        ranking = reorder(gallery, ranking, probe, options.expand, fitted, options.rerank).head(options.top)
    show_ranking(ranking, options, warning)


def _open_gallery(model, options: argparse.Namespace):
    from core.galleries.catalog import stored_gallery
    from core.inference.checkpoint import fingerprint
    from core.search.descriptor_files import is_descriptor_folder
    from core.search.gallery import Gallery
    from core.search.point_gallery import for_model

    if stored := stored_gallery(options.gallery):
        return for_model(stored.open(fingerprint(options.checkpoint), str(options.checkpoint)), model)
    if options.gallery.is_dir() and not is_descriptor_folder(options.gallery):
        return describe_folder(model, options.gallery)
    return for_model(Gallery.open(options.gallery), model)


def add_embed(commands) -> None:
    """Add the command `embed`."""
    sub = add_command(commands, embed)
    add_checkpoint(sub)
    sub.add_argument("folder", type=Path, metavar="FOLDER", help="folder of images")
    add_rules_options(sub, "folder")
    sub.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        required=True,
        help="write descriptors.npy (N, D) and records.parquet (path, identity, camera, time) to this folder",
    )
    add_device(sub)


def embed(options: argparse.Namespace) -> None:
    """Compute the descriptors of all images of a folder."""
    from core.inference.model import load
    from core.search.descriptor_files import check_output

    check_output(options.output)  # fails before the long work
    gallery = describe_folder(load(options.checkpoint, options.device), options.folder)
    gallery.save(options.output)
    print(f"{options.output}: descriptors {gallery.descriptors.shape} of {counted(len(gallery), 'image')}")


def add_project(commands) -> None:
    """Add the command `project`."""
    sub = add_command(commands, project)
    sub.add_argument(
        "descriptors",
        type=Path,
        metavar="DESCRIPTORS",
        help="output folder of the command embed, or a .npy array (N, D)",
    )
    sub.add_argument("--output", type=Path, metavar="FILE.npz", required=True, help="write the map to this file")
    sub.add_argument("--method", choices=("umap", "pca"), default="umap", help="projection method (default: umap)")
    sub.add_argument(
        "--dimensions", type=int, choices=(2, 3), default=2, help="number of dimensions of the map (default: 2)"
    )
    sub.add_argument(
        "--neighbours", type=positive, default=15, help="UMAP: nearest neighbours of each descriptor (default: 15)"
    )
    sub.add_argument(
        "--min-distance", type=float, default=0.5, help="UMAP: minimum distance of points, 0 to 1 (default: 0.5)"
    )
    add_seed(sub)


def project(options: argparse.Namespace) -> None:
    """Project descriptors to a map, and measure its trustworthiness and neighbourhood overlap."""
    from core.projection.cached_maps import make_map
    from core.projection.projector import Projector
    from core.projection.trustworthiness import measure_trustworthiness
    from core.search.gallery import read_descriptors

    descriptors = read_descriptors(options.descriptors)
    names = ("method", "dimensions", "neighbours", "min_distance", "seed")
    projector = Projector(**{name: getattr(options, name) for name in names})
    make_map(descriptors, projector, options.output)
    projector = Projector.open(options.output)
    print(f"{options.output}: {projector.method} map {projector.coordinates.shape}")
    for name, value in measure_trustworthiness(descriptors, projector.coordinates).items():
        print(f"{name:16}{value:6.3f}")
