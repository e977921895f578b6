"""The commands `embed`, `search` and `project`."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    CENTRE_HELP,
    add_checkpoint,
    add_command,
    add_device,
    add_search_arguments,
    add_seed,
    asked_for,
    positive,
    show_ranking,
)
from core.cli.describing import describe_folder


def add_embed(commands) -> None:
    sub = add_command(commands, embed, "Describe all images of a folder.")
    add_checkpoint(sub)
    sub.add_argument("folder", type=Path, metavar="FOLDER", help="folder of images")
    sub.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        required=True,
        help="descriptors.npy (N, D), and records.parquet: path, identity, camera, time of each",
    )
    add_device(sub)


def embed(options: argparse.Namespace) -> None:
    from core.inference.model import load
    from core.search.descriptor_files import check_output

    check_output(options.output)  # before all is described
    gallery = describe_folder(load(options.checkpoint, options.device), options.folder)
    gallery.save(options.output)
    print(f"{options.output}: descriptors {gallery.descriptors.shape} of {len(gallery):,} images")


def add_search(commands) -> None:
    sub = add_command(commands, search, "Rank a gallery for one probe; several images are taken as one person.")
    add_checkpoint(sub)
    sub.add_argument(
        "gallery",
        type=Path,
        metavar="GALLERY",
        help="a gallery's name (see `gallery`), a folder of images, or what embed wrote",
    )
    add_search_arguments(sub)
    sub.add_argument(
        "--adapt", action="store_true", help="take each camera's normalisation from its own images in the gallery"
    )
    sub.add_argument("--centre", action="store_true", help=f"{CENTRE_HELP} in the gallery")
    sub.add_argument("--rerank", action="store_true", help="re-rank by k-reciprocal neighbours")
    sub.add_argument(
        "--expand",
        type=positive,
        default=0,
        metavar="N",
        help="average the probe with its first N answers, and ask again",
    )


def search(options: argparse.Namespace) -> None:
    import numpy as np
    from tqdm import tqdm

    from core.data.records import UNKNOWN_CAMERA
    from core.galleries.catalog import stored_gallery
    from core.inference.checkpoint import fingerprint
    from core.inference.model import load
    from core.search.descriptor_files import is_descriptor_folder
    from core.search.gallery import Gallery
    from core.search.k_reciprocal import KReciprocal
    from core.search.reranking import MAX_IMAGES_RERANKED, adapt_gallery, centre_gallery, reorder

    model = load(options.checkpoint, options.device)
    probe = model.describe(options.probes)
    if stored := stored_gallery(options.gallery):
        gallery = stored.open(fingerprint(options.checkpoint), str(options.checkpoint))
    elif options.gallery.is_dir() and not is_descriptor_folder(options.gallery):
        gallery = describe_folder(model, options.gallery)
    else:
        gallery = Gallery.open(options.gallery)
    better = options.rerank or options.expand or options.adapt or options.centre
    ranking = gallery.search(probe, len(gallery) if better else options.top, **asked_for(options))
    if better:
        if options.adapt:
            with tqdm(desc="adapting", unit="image", leave=False) as bar:
                gallery, models = adapt_gallery(model, gallery, bar.update)
            probe = models.describe(options.probes, UNKNOWN_CAMERA)
        if options.centre:
            gallery, centring = centre_gallery(gallery)
            probe = centring.transform(probe, np.full(len(probe), UNKNOWN_CAMERA))
        fitted = (
            KReciprocal().fit(gallery.descriptors) if options.rerank and len(gallery) <= MAX_IMAGES_RERANKED else None
        )
        ranking = reorder(gallery, ranking, probe, options.expand, fitted, options.rerank).head(options.top)
    show_ranking(ranking, options)


def add_project(commands) -> None:
    sub = add_command(commands, project, "Put descriptors on a map: coordinates, and how far they may be trusted.")
    sub.add_argument("descriptors", type=Path, metavar="DESCRIPTORS", help="what embed wrote, or a .npy array (N, D)")
    sub.add_argument("--output", type=Path, metavar="FILE.npz", required=True, help="where the map is written")
    sub.add_argument("--method", choices=("umap", "pca"), default="umap", help="of projection (default: umap)")
    sub.add_argument("--dimensions", type=int, choices=(2, 3), default=2, help="of the map (default: 2)")
    sub.add_argument("--neighbours", type=positive, default=15, help="UMAP: nearest points that are kept together")
    sub.add_argument("--min-distance", type=float, default=0.5, help="UMAP: how close points may come, 0 to 1")
    add_seed(sub)


def project(options: argparse.Namespace) -> None:
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
