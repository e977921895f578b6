"""The lessons of the page Regions."""

from app.regions import texts
from app.shared.formulas import Lesson

ENERGY = Lesson(
    r"\text{energy}(r) = \lVert \Phi_r \rVert_F = \sqrt{\textstyle\sum_{ij} \Phi_r[i,j]^2}",
    texts.ENERGY_LESSON,
    ("core.explain.activations", "Regions"),
)
MATRIX = Lesson(
    r"\Phi_r = \sum_{l \in r} a(l)\, b(l)^{\mathsf T} \quad \text{(1), (2)}",
    texts.MATRIX_LESSON,
    ("core.models.bilinear_pooling", "bilinear_pool"),
)
FEATURES = Lesson(r"\Phi_l = a(l)", texts.FEATURES_LESSON, ("core.explain.activations", "Regions"))
TOP_ACTIVATIONS = Lesson(
    r"\arg\max_{\mathrm{im}} \; v_r(\mathrm{im})[i,j]",
    texts.TOP_ACTIVATIONS_LESSON,
    ("core.explain.top_activations", "find_extremes"),
)
SIZES = Lesson(
    r"\phi(\mathrm{im}) = [\phi_{r_1}; \phi_{r_2}; \dots; \phi_{r_R}] \quad \text{(3)}",
    texts.SIZES_LESSON,
    ("core.models.bilinear_pooling", "bilinear_pool"),
)
MODELS = Lesson(SIZES.formula, texts.MODELS_LESSON, ("core.models.network", "Network"))


def entry(formula: str, pooled: bool) -> Lesson:
    """Return the lesson on one entry of a bilinear matrix or feature vector; the formula has its numbers."""
    sentence = texts.ENTRY_LESSON if pooled else texts.FEATURE_LESSON
    return Lesson(formula, sentence, ("core.explain.activations", "Regions"))
