"""A link to the page holds its settings; what it asks for may not exist."""

from collections.abc import Callable, Collection


def unknown_in_link(allowed: dict[str, Collection], asked: Callable[[str], list[str]]) -> list[str]:
    """A sentence for each value in the link that is not among those `allowed` for its name."""
    sentences = []
    for name, values in allowed.items():
        known = [str(value) for value in values]
        for value in asked(name):
            if value not in known:
                sentences.append(f"The link asks for {name} {value!r}, which is not there: the default is used. "
                                 f"Possible are {', '.join(known) or 'none'}.")  # fmt: skip
    return sentences
