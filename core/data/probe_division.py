"""The division of test images into probes and a gallery, where a data set has none."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from core.data.records import UNKNOWN_CAMERA, Record

MIN_WITH_MATCH = 0.5  # share of the probes with a true match that must still have one if no probe is in the gallery


def divide_probes(records: Sequence[Record]) -> tuple[list[int], list[int]]:
    """Take the first image of each identity and camera as a probe, and the others as the gallery.

    If most identities have only one image of each camera, the others have few true matches. Then all images are the
    gallery. The evaluation ignores a probe's own image.

    Returns:
        The positions of the probes and of the gallery in `records`, in ascending order.
    """
    first: dict[tuple[str, int], int] = {}
    for position, record in enumerate(records):
        if record.is_labelled:
            first.setdefault((record.identity, record.camera), position)
    probes = sorted(first.values())
    chosen = set(probes)
    others = [position for position in range(len(records)) if position not in chosen]
    without, without_in_all = (
        count_without_match([records[position] for position in probes], [records[position] for position in gallery])
        for gallery in (others, range(len(records)))
    )
    is_enough = len(probes) - without >= MIN_WITH_MATCH * (len(probes) - without_in_all)
    return probes, others if others and is_enough else list(range(len(records)))


def count_without_match(probes: Sequence[Record], gallery: Sequence[Record]) -> int:
    """Count the probes whose identity no gallery image shows from another, or from an unknown, camera.

    A probe's own image does not count.
    """
    seen: dict[str, Counter[int]] = defaultdict(Counter)
    for record in gallery:
        seen[record.identity][record.viewpoint] += 1
    in_gallery = {record.path for record in gallery}
    without = 0
    for probe in probes:
        images = seen[probe.identity]
        own = int(probe.path in in_gallery)
        same = images[probe.viewpoint] if probe.camera != UNKNOWN_CAMERA else own
        without += images.total() == same
    return without
