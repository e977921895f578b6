"""The lessons of the page Compare."""

from app.compare import texts
from app.shared.formulas import Lesson

PAIR = Lesson(
    r"\text{score} = \frac{\langle e, e' \rangle}{\lVert e \rVert \lVert e' \rVert}"
    r" = \sum_{r,s} \frac{\langle u_r, u'_s \rangle}{\lVert e \rVert \lVert e' \rVert} + \text{terms with } c,"
    r"\qquad u_r = W_r (v_r - m_r)",
    texts.PAIR_LESSON,
    ("core.explain.attribution", "explain_match"),
)
BARS = Lesson(
    r"\text{score} = \sum_r \Big( \sum_s t_{rs} + t_{rc} \Big) + \sum_s t_{cs} + t_{cc}",
    texts.BARS_LESSON,
    ("core.explain.attribution", "Attribution"),
)
TABLE = Lesson(
    r"t_{rs} = \frac{\langle u_r, u'_s \rangle}{\lVert e \rVert \lVert e' \rVert}",
    texts.TABLE_LESSON,
    ("core.explain.attribution", "explain_match"),
)
FILTER_PAIRS = Lesson(
    r"t_{rs} = \sum_{ij} (v_r - m_r)[i,j] \cdot g[i,j], \qquad"
    r" g = \frac{W_r^{\mathsf T} u'_s}{\lVert e \rVert \lVert e' \rVert}",
    texts.FILTER_PAIRS_LESSON,
    ("core.explain.attribution", "explain_region_pair"),
)
DELETION = Lesson(
    r"\text{score without } G = \frac{\langle e, e' - \sum_{s \in G} u'_s \rangle}"
    r"{\lVert e \rVert \, \lVert e' - \sum_{s \in G} u'_s \rVert}",
    texts.DELETION_LESSON,
    ("core.explain.deletion", "delete_regions"),
)


def difference(better: str, worse: str) -> Lesson:
    """Return the lesson on the difference of two scores, named by their ranks."""
    return Lesson(
        r"\text{score}_A - \text{score}_B = \sum_r \big( t_r^A - t_r^B \big) + \big( t_c^A - t_c^B \big)",
        texts.DIFFERENCE_LESSON.format(better=better, worse=worse),
        ("core.explain.attribution", "Attribution"),
    )
