"""The colour and the dashes of each result, the same in the table and in all figures."""

from app.results.report_labels import Reports
from app.shared.charts import COLOURS, MORE_COLOURS, LineStyle

SEEN_DASH = "dot"  # tested identities were or may have been seen in training
DASHES = ("solid", "dash", "longdashdot")  # of further results, where the colours repeat


def line_styles(reports: Reports) -> dict[str, LineStyle]:
    """Return a style for each result. The first result of an architecture has the colour of the architecture."""
    styles, architectures, others = {}, set(), 0
    for name, report in reports.items():
        architecture, dash = report.result["architecture"], DASHES[0]
        if architecture in architectures:
            repeats, number = divmod(others, len(MORE_COLOURS))
            colour, dash = MORE_COLOURS[number], DASHES[repeats % len(DASHES)]
            others += 1
        else:
            colour = COLOURS[architecture]
            architectures.add(architecture)
        styles[name] = LineStyle(colour, SEEN_DASH if report.overlap.mark else dash)
    return styles
