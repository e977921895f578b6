"""`python -m assets.render`: render a data set of pedestrians. All arguments: --help."""

import argparse
import sys
import time

from .body import MissingData
from .dataset import FolderInUse, add_families, render_dataset
from .plan import MOST_IDENTITIES, Settings
from .variety import ALL, CALM, GROUPS, chosen

DESCRIPTION = """Render pictures of pedestrians for person re-identification, in Market-1501's layout.

No real person is in them. The pictures depend on --seed and on the counts, not on --jobs. A rendering that was
interrupted goes on where it stopped when the same command is given again."""

EXAMPLES = """examples:
  python -m assets.render --out /tmp/small --seed 3 --train 20 --test 10
  python -m assets.render --out /tmp/large --seed 2026 --train 1500 --test 0 --sites 6 --jobs 8"""


class Parser(argparse.ArgumentParser):
    def error(self, message):  # one sentence, without the usage before it
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def parse(arguments):
    parser = Parser(
        prog="python -m assets.render",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    goal = parser.add_mutually_exclusive_group(required=True)
    goal.add_argument("--out", metavar="DIR", help="folder to fill; new, empty, or to be continued")
    goal.add_argument(
        "--families",
        metavar="DIR",
        help="render nothing: add the column `family` to identities.csv of a rendering of an earlier version",
    )
    parser.add_argument("--seed", type=int, default=1, help="other seed, other people and cameras (default 1)")
    parser.add_argument("--train", type=int, default=500, metavar="N", help="identities to train on (default 500)")
    parser.add_argument("--test", type=int, default=200, metavar="N", help="other identities, to test (default 200)")
    parser.add_argument(
        "--distractors",
        type=int,
        metavar="N",
        help="gallery pictures that answer no query: 3/4 false alarms (0000), 1/4 junk (-1) (default 2.4 x test)",
    )
    parser.add_argument(
        "--sites",
        type=int,
        default=1,
        metavar="K",
        help="independent sites of six cameras; an identity stays at one site (default 1)",
    )
    parser.add_argument(
        "--vary",
        nargs="+",
        default=[],
        metavar="NAME",
        help=f"groups of more variety than the shipped set has: {', '.join(GROUPS)}, or {ALL}; "
        f"and {CALM}: cameras set alike (default none)",
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default 2)")
    given = parser.parse_args(arguments)
    if given.distractors is None:
        given.distractors = round(2.4 * max(given.test, 0))
    for name, least in (
        ("seed", 0),
        ("train", 0),
        ("test", 0),
        ("distractors", 0),
        ("sites", 1),
        ("jobs", 1),
    ):
        if getattr(given, name) < least:
            parser.error(f"--{name} must be at least {least}, not {getattr(given, name)}")
    if not 1 <= given.train + given.test <= MOST_IDENTITIES:
        parser.error(f"--train and --test together must be between 1 and {MOST_IDENTITIES}")
    try:
        given.vary = chosen(given.vary)
    except ValueError as error:
        parser.error(f"--vary: {error}")
    if given.distractors and not given.test:
        parser.error("--distractors needs a gallery, that is --test of at least 1")
    return parser, given


def progress(done, total, seconds):
    """One line that renews itself on a terminal; elsewhere a line a minute or so."""
    rate = done / max(seconds, 1e-9)
    left = (total - done) / max(rate, 1e-9)
    line = f"{done:6d} of {total} pictures, {rate:.1f} a second, {left / 60:.1f} min left"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or time.monotonic() - progress.last > 30:
        progress.last = time.monotonic()
        print(line, file=sys.stderr, flush=True)


progress.last = 0.0


def main(arguments=None):
    parser, given = parse(arguments)
    if given.families:
        try:
            print(f"{add_families(given.families)} identities have a family in {given.families}/identities.csv")
        except (FolderInUse, OSError) as error:
            parser.error(str(error))
        return
    settings = Settings(given.seed, given.train, given.test, given.distractors, given.sites, given.vary)
    try:
        count, seconds = render_dataset(settings, given.out, given.jobs, progress)
    except (FolderInUse, MissingData, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        parser.exit(130, "\nInterrupted; the same command goes on from here.\n")
    print(f"{count} pictures rendered in {seconds:.0f} s; the data set is in {given.out}")


if __name__ == "__main__":
    main()
