"""`python -m core`, which is also the console script `mr-bcnn`."""

import sys

from core.jobs.process_settings import keep_freed_memory, let_threads_sleep


def run() -> int:
    """Run the command line with the settings of a process of its own; returns the exit status."""
    let_threads_sleep()  # before torch is imported
    keep_freed_memory()

    from core.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
