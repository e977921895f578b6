"""The option `--each` of the command `search`: many probes, each by itself."""

import argparse
from collections.abc import Callable

from core.errors import UserError


def search_each(model, open_gallery: Callable, options: argparse.Namespace) -> None:
    """Rank a gallery for each probe by itself, print the first result of each, and write all results.

    Args:
        model: The model.
        open_gallery: Returns the gallery.
        options: The parsed arguments of the command.

    Raises:
        UserError: If post-processing is asked for, or if no probe can be read.
    """
    from core.cli.arguments import search_filters, write_ranking
    from core.cli.describing import describe
    from core.data.records import Record
    from core.search.each_probe import list_probes, rank_each

    if options.rerank or options.expand or options.adapt or options.centre:
        raise UserError("--each has no post-processing. Leave out --rerank, --expand, --adapt and --centre.")
    probes = list_probes(options.probes)
    descriptors, described = describe(model, [Record(path) for path in probes])
    if not described:
        raise UserError("No probe can be read.")
    gallery, names = open_gallery(), [str(record.path) for record in described]
    ranking = rank_each(gallery, descriptors, names, options.top, **search_filters(options))
    searched = gallery.count(**search_filters(options))
    best = ranking[ranking["rank"] == 1].reset_index(drop=True)
    best["verdict"] = _judge(options.checkpoint, names, descriptors, best, searched)
    print(best.drop(columns="rank").to_string(index=False, float_format="{:.4f}".format))
    print(f"{len(probes):,} probes, {len(probes) - len(described):,} skipped, {searched:,} gallery images searched")
    write_ranking(ranking, options)


def _judge(checkpoint, names, descriptors, best, searched: int) -> list[str]:
    """Return for each first result whether the person is in the gallery; name probes without a person."""
    from core.evaluation.calibration import read_calibration
    from core.evaluation.person_check import name_no_person, read_person_check
    from core.evaluation.verdict import judge_presence

    calibration, check = read_calibration(checkpoint), read_person_check(checkpoint)
    flags = check[0].flags(descriptors) if check else [False] * len(names)
    for sentence in name_no_person(names, flags):
        print(sentence)
    unlike = {name for name, flag in zip(names, flags, strict=True) if flag}
    return [
        "no person found"
        if row.probe in unlike
        else f"{judge_presence(calibration, row.score, searched)[0]} in the gallery"
        if calibration
        else ""
        for row in best.itertuples()
    ]
