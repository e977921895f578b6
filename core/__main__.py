"""`python -m core`."""

import sys

from core.jobs.process_settings import keep_freed_memory, let_threads_sleep

if __name__ == "__main__":
    let_threads_sleep()  # before torch is imported
    keep_freed_memory()

    from core.cli.main import main

    sys.exit(main())
