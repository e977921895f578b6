"""Links of earlier versions, whose results had the name of their data set, and links from the page Data."""

from collections.abc import Mapping

from app.results.report_labels import current_names, label, method
from app.results.tables import Board
from app.shared.keys import COMPARED, LOOKED_AT, TABLE
from app.shared.url_params import Link


def update(link: Link, boards: Mapping[str, Board]) -> Link:
    """Replace names of tables and results of earlier versions in a link.

    Earlier links chose results of several data sets, named `model on data set`. The first of them chooses the data set
    if the link has no table. Results on other data sets are removed. A link from the page Data has the task of a report
    for its table.
    """
    link = {name: list(values) for name, values in link.items()}
    if TABLE in link:
        titles = {report.task: board.title for board in boards.values() for report in board.reports.values()}
        known = [board.title for board in boards.values()]
        link[TABLE] = [titles.get(value, value) if value not in known else value for value in link[TABLE]]
        link[TABLE] = current_names(link[TABLE], known)
    by_label = {
        label(name, report): (board.title, method(name, report))
        for board in boards.values()
        for name, report in board.reports.items()
    }
    for key in (LOOKED_AT, COMPARED):
        values = current_names(link.get(key, []), by_label)
        earlier = [by_label[value] for value in values if value in by_label]
        if earlier and TABLE not in link:
            link[TABLE] = [earlier[0][0]]
        names = [
            by_label[value][1] if value in by_label else value
            for value in values
            if value not in by_label or [by_label[value][0]] == link[TABLE]
        ]
        link.pop(key, None)
        if names:
            link[key] = names
    return link
