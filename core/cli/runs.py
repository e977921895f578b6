"""The commands about existing runs: `runs`, `stop` and `film`.

Each command imports what it needs when it runs, so that `--help` is fast.
"""

import argparse
from pathlib import Path

from core.cli.arguments import add_command, add_rules_options
from core.errors import UserError
from core.folders import runs_folder

RUN_HELP = "name or folder of the run"


def find_run(name: Path):
    """Open a run by its name or its folder."""
    from core.training.run_folder import Run

    return Run.open(name if (name / "config.json").exists() else runs_folder() / name)


def add_runs(commands) -> None:
    """Add the command `runs`."""
    sub = add_command(commands, runs)
    sub.add_argument("--watch", action="store_true", help="refresh the list until Ctrl-C")
    sub.add_argument("--folder", type=Path, default=runs_folder(), help="folder of the runs (default: %(default)s)")


def runs(options: argparse.Namespace) -> None:
    """List runs with their state, progress and best validation rank-1."""
    from core.training.run_table import format_table, watch_runs

    if options.watch:
        watch_runs(options.folder)
    else:
        print(format_table(options.folder))


def add_stop(commands) -> None:
    """Add the command `stop`."""
    sub = add_command(commands, stop)
    sub.add_argument("run", type=Path, metavar="RUN", help=RUN_HELP)


def stop(options: argparse.Namespace) -> None:
    """Stop a run after the current step, and save a checkpoint."""
    from core.training.queue import stop

    stop(find_run(options.run))
    print(f"{options.run} stops after the current step")


def add_film(commands) -> None:
    """Add the command `film`."""
    sub = add_command(commands, film)
    sub.add_argument("run", type=Path, metavar="RUN", help=RUN_HELP)
    sub.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="show test identities of this data set (default: validation identities of the run)",
    )
    add_rules_options(sub)
    sub.add_argument(
        "--output", type=Path, metavar="FILE.gif|FILE.html", help="output file (default: both, in the run's folder)"
    )


def film(options: argparse.Namespace) -> None:
    """Render a film of a training: the map of the descriptors at each checkpoint, and the loss."""
    from tqdm import tqdm

    from core.projection.film import FORMATS, save_film, write_film
    from core.projection.training_film import make_film

    run = find_run(options.run)
    if options.output is None and options.data is None:
        print(save_film(run))
        return
    if options.output is None or options.output.suffix.lower() not in FORMATS:
        raise UserError("Give --output FILE.gif or FILE.html.")
    with tqdm(total=100, desc="rendering", disable=None) as bar:
        film = make_film(run, options.data, lambda share: bar.update(round(100 * share) - bar.n))
    write_film(film, options.output)
    print(options.output)
