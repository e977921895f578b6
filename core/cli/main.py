"""The command line: `python -m core COMMAND`."""

import argparse
import os
import sys

from core.cli import checkpoints, evaluate, explain, galleries, join, milvus, search, training
from core.errors import UserError

COMMANDS = (  # in the order of --help
    training.add_train,
    training.add_estimate,
    training.add_resume,
    training.add_runs,
    training.add_stop,
    training.add_film,
    evaluate.add_evaluate,
    evaluate.add_calibrate,
    evaluate.add_reproduce,
    checkpoints.add_convert,
    search.add_embed,
    galleries.add_gallery,
    milvus.add_milvus,
    search.add_search,
    explain.add_explain,
    search.add_project,
    checkpoints.add_export,
    join.add_join,
    checkpoints.add_info,
    checkpoints.add_pack,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0, 2 for bad input (one sentence on stderr), 130 after Ctrl-C, 1 if the output is not read to its end (`| head`).
    """
    options = parser().parse_args(arguments)
    try:
        options.command(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        return 1
    except OSError as error:
        print(f"error: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(prog="python -m core", description="Multi-region bilinear person re-identification.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    return top
