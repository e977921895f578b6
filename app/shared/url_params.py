"""A link to the page holds its settings; what it asks for may not exist."""

from collections.abc import Callable, Collection


def unknown_in_link(allowed: dict[str, Collection], asked: Callable[[str], list[str]]) -> list[str]:
    """A sentence for each value in the link that is not among those `allowed` for its name."""
    sentences = []
    for name, values in allowed.items():
        known = [str(value) for value in values]
        for value in asked(name):
            if value not in known:
                sentences.append(
                    f"The link asks for {name} {value!r}, which is not there: the default is used. "
                    f"Possible are {', '.join(known) or 'none'}."
                )
    return sentences


def number_in_link(name: str, count: int, default: int, asked: Callable[[str], str | None]) -> int:
    """What the link says under `name` if it is one of `count` numbers from 0, else the default."""
    value = asked(name) or ""
    return int(value) if value.isdecimal() and int(value) < count else default


def unknown_numbers(counts: dict[str, int], asked: Callable[[str], str | None]) -> list[str]:
    """A sentence for each number in the link that is not below its count."""
    return [
        f"The link asks for {name} {value!r}, which is not there: the strongest is shown. Possible are 0 to "
        f"{count - 1}."
        for name, count in counts.items()
        if (value := asked(name)) and number_in_link(name, count, -1, asked) < 0
    ]
