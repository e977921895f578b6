"""The command line: `python -m core COMMAND`."""

import argparse
import io
import os
import sys
from pathlib import Path

from core.cli import (
    baseline,
    calibrate,
    checkpoints,
    compare,
    compare_results,
    data,
    doctor,
    ensemble,
    evaluate,
    explain,
    galleries,
    labels,
    milvus,
    person_check,
    predict_accuracy,
    reproduce,
    runs,
    search,
    training,
)
from core.cli.arguments import apply_rules_options
from core.errors import UserError, explain_os_error

COMMANDS = (  # in the order of --help
    data.add_data_commands,
    training.add_train,
    training.add_estimate,
    training.add_resume,
    runs.add_stop,
    runs.add_runs,
    runs.add_film,
    baseline.add_baseline,
    evaluate.add_evaluate,
    compare_results.add_compare_results,
    calibrate.add_calibrate,
    predict_accuracy.add_predict_accuracy,
    labels.add_labels,
    person_check.add_person_check,
    reproduce.add_reproduce,
    search.add_search,
    search.add_embed,
    galleries.add_gallery,
    milvus.add_milvus,
    compare.add_compare,
    explain.add_explain,
    search.add_project,
    checkpoints.add_info,
    checkpoints.add_pack,
    checkpoints.add_export,
    checkpoints.add_convert,
    ensemble.add_ensemble,
    doctor.add_doctor,
)
SCRIPT = "mr-bcnn"  # the console script (pyproject.toml)
OVERVIEW = """\
Person re-identification with multi-region bilinear networks.

  train DATA                          train a network
  evaluate CHECKPOINT DATA            measure it on a data set
  search CHECKPOINT GALLERY PROBE     rank a gallery for one probe
  compare CHECKPOINT IMAGE IMAGE      judge whether two images show the same person
  explain CHECKPOINT PROBE MATCH ...  explain the score of two images
  doctor                              check this machine and installation

`{program} COMMAND --help` describes the arguments of a command.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The command and its arguments; those of the process if None.

    Returns:
        The exit status: 0 for success, 2 for invalid input (one sentence on stderr), 130 after Ctrl-C, and 1 if the
        reader of the output closes the pipe early (`| head`).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may have letters that the stream's encoding has not
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        apply_rules_options(options)
        options.command(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes stdout again at exit
        return 1
    except OSError as error:
        print(f"error: {explain_os_error(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    script = Path(sys.argv[0]).stem
    program = script if script == SCRIPT else "python -m core"
    top = argparse.ArgumentParser(
        prog=program, description=OVERVIEW.format(program=program), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for add in COMMANDS:
        add(commands)
    return top
