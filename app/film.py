"""`python -m app.film`: writes the film of a run as an HTML file."""

import sys

from app.training.film_html import main

if __name__ == "__main__":
    sys.exit(main())
