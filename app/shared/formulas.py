"""What stands with every image: a formula, a sentence, and the code in `core` that computes it."""

import inspect
from dataclasses import dataclass
from importlib import import_module

import streamlit as st


@dataclass(frozen=True)
class Lesson:
    """`source` is a module of core and the name of a function or class in it."""

    formula: str
    sentence: str
    source: tuple[str, str]


def teach(lesson: Lesson) -> None:
    """Formula and sentence; the code opens below its file's name."""
    module, name = lesson.source
    file = f"{module.replace('.', '/')}.py"
    st.latex(lesson.formula)
    st.caption(lesson.sentence)
    with st.popover(file, type="tertiary", icon=":material/code:", help="The code that computes this"):
        st.caption(f"`{name}` in `{file}`")
        st.code(inspect.getsource(getattr(import_module(module), name)), "python")


ENERGY = Lesson(
    r"\text{energy}(r) = \lVert \Phi_r \rVert_F = \sqrt{\textstyle\sum_{ij} \Phi_r[i,j]^2}",
    "Energy: the length of a region's bilinear matrix. A region is bright where filters of both streams answer "
    "strongly at the same places. Neighbouring parts overlap by ten rows of pixels, which both of them see.",
    ("core.explain.activations", "Regions"),
)
MATRIX = Lesson(
    r"\Phi_r = \sum_{l \in r} a(l)\, b(l)^{\mathsf T} \quad \text{(1), (2)}",
    "The bilinear matrix of the region: how strongly filter i of stream A and filter j of stream B answer at the same "
    "places. Click an entry to see where it comes from.",
    ("core.models.bilinear_pooling", "bilinear_pool"),
)
FEATURES = Lesson(
    r"\Phi_l = a(l)",
    "This network has one stream and does not pool: each place is a region of its own, and this is its feature vector.",
    ("core.explain.activations", "Regions"),
)
LOOKS_FOR = Lesson(
    r"\arg\max_{\mathrm{im}} \; v_r(\mathrm{im})[i,j]",
    "Below each image stands the entry of its region vector, as the descriptor is made of it. Filters answer to "
    "small patterns of colour and edges; a pair answers where both are found together in this region. Where it is "
    "excited least, nothing of it is there, which is often true of many images alike.",
    ("core.explain.top_activations", "find_extremes"),
)
SIZES = Lesson(
    r"\phi(\mathrm{im}) = [\phi_{r_1}; \phi_{r_2}; \dots; \phi_{r_R}] \quad \text{(3)}",
    "The maps of the same trained streams, pooled in regions of 15, 5, 3 and 1 places a side. One region a part "
    "(B-CNN) keeps what is there and forgets where. Single places say exactly where, and no longer agree once somebody "
    "stands a little to the side. The paper's choice, 5, lies between them.",
    ("core.models.bilinear_pooling", "bilinear_pool"),
)
MODELS = Lesson(
    SIZES.formula,
    "Each model with its own streams and regions. CNN pools nothing, so its regions are single places; B-CNN has one "
    "region a part, MR B-CNN a grid of them.",
    ("core.models.network", "Network"),
)


PAIR = Lesson(
    r"\text{score} = \frac{\langle e, e' \rangle}{\lVert e \rVert \lVert e' \rVert}"
    r" = \sum_{r,s} \frac{\langle u_r, u'_s \rangle}{\lVert e \rVert \lVert e' \rVert} + \text{terms with } c,"
    r"\qquad u_r = W_r (v_r - m_r)",
    "Blue speaks for the match, orange against it. On the parts, each region has all that it adds to the score; on the "
    "grey images the same is spread over the places of the maps, and one pixel in a hundred is beyond the scale. The "
    "curves are the strongest pairs of regions, the wider the stronger, dashed if they speak against it. Nothing is "
    "estimated: all terms add up to the score. Region vectors v are measured from m, the average of gallery images "
    "or nothing; c is what comes of m.",
    ("core.explain.attribution", "explain_match"),
)
PLACES = {
    True: "Places: this network takes the square root of its bilinear matrices, so that an entry is no sum over places "
    "any more. Each place gets the share of an entry that it has before the square root; they add up to the score.",
    False: "Places: no square root is taken in this network, so what a place adds is exact.",
}
BLOCKS = " Single places are small: curves, bars and table show 5 × 5 of them together."
WATERFALL = Lesson(
    r"\text{score} = \sum_r \Big( \sum_s t_{rs} + t_{rc} \Big) + \sum_s t_{cs} + t_{cc}",
    "The regions of the probe, each with all that it adds together with the whole match, one after the other up to the "
    "score.",
    ("core.explain.attribution", "Attribution"),
)
TABLE = Lesson(
    r"t_{rs} = \frac{\langle u_r, u'_s \rangle}{\lVert e \rVert \lVert e' \rVert}",
    "Every region of the probe (rows) with every region of the match (columns); the last row and column belong to c. "
    "Regions at the same height meet along the diagonal. Click a cell.",
    ("core.explain.attribution", "explain_match"),
)
FILTER_PAIRS = Lesson(
    r"t_{rs} = \sum_{ij} (v_r - m_r)[i,j] \cdot g[i,j], \qquad"
    r" g = \frac{W_r^{\mathsf T} u'_s}{\lVert e \rVert \lVert e' \rVert}",
    "The same term, once by the filter pairs of the probe's region, once by those of the match's. Each adds up to it.",
    ("core.explain.attribution", "explain_region_pair"),
)
DELETION = Lesson(
    r"\text{score without } G = \frac{\langle e, e' - \sum_{s \in G} u'_s \rangle}"
    r"{\lVert e \rVert \, \lVert e' - \sum_{s \in G} u'_s \rVert}",
    "The line follows from the terms alone; the dots are the network's own scores with these regions' vectors set to "
    "m, and lie on it. Painting the pixels over instead is another, coarser test: neighbours and overlapping parts see "
    "the same pixels, and the paint is something to see as well.",
    ("core.explain.deletion", "delete_regions"),
)


def entry(formula: str, pooled: bool) -> Lesson:
    """Of one entry of a bilinear matrix, or of a feature vector; the formula holds its numbers."""
    multiplied = (
        "At each place the answers of the two filters are multiplied, and the products of the region are "
        "added up: that is the entry of the matrix."
    )
    alone = "With one stream there is nothing to multiply: the filter's answer at this place is the entry."
    where = "The white frame is the region on its part; below, the region enlarged. "
    return Lesson(formula, where + (multiplied if pooled else alone), ("core.explain.activations", "Regions"))


def difference(better: str, worse: str) -> Lesson:
    """Of two matches, named by their rank."""
    return Lesson(
        r"\text{score}_A - \text{score}_B = \sum_r \big( t_r^A - t_r^B \big) + \big( t_c^A - t_c^B \big)",
        f"From the lower score to the higher one. Blue regions of the probe prefer {better}; orange ones, {worse}. The "
        "axis begins near the scores, not at 0.",
        ("core.explain.attribution", "Attribution"),
    )
