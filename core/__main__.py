"""Entry point of the command line: `python -m core`, also installed as `mr-bcnn`."""

import sys

from core.jobs.process_settings import keep_freed_memory, let_threads_sleep


def run() -> int:
    """Apply the process settings, run the command line and return the exit status."""
    let_threads_sleep()  # before torch is imported
    keep_freed_memory()

    from core.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
