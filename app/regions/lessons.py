"""The lessons of the page Regions."""

from app.regions import texts
from app.shared.formulas import Lesson
from core.geometry import Geometry

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
TOP_ACTIVATIONS_OF_FILTER = Lesson(
    r"\arg\max_{\mathrm{im}} \; a_i(l)(\mathrm{im})",
    texts.TOP_ACTIVATIONS_OF_FILTER_LESSON,
    TOP_ACTIVATIONS.source,
)
SIZES = Lesson(
    r"\phi(\mathrm{im}) = [\phi_{r_1}; \phi_{r_2}; \dots; \phi_{r_R}] \quad \text{(3)}",
    texts.SIZES_LESSON,
    ("core.models.bilinear_pooling", "bilinear_pool"),
)
MODELS = Lesson(SIZES.formula, texts.MODELS_LESSON, ("core.models.network", "Network"))


def energy(geometry: Geometry, pooled: bool) -> Lesson:
    """Return the lesson on the energy of a region, or of a location in a network without bilinear pooling."""
    overlap = texts.OVERLAP.format(rows=geometry.overlap) if geometry.overlap else texts.NO_OVERLAP
    if not pooled:
        return Lesson(
            r"\text{energy}(l) = \lVert a(l) \rVert = \sqrt{\textstyle\sum_i a_i(l)^2}",
            f"{texts.ENERGY_OF_FEATURES_LESSON} {overlap}",
            ("core.explain.activations", "Regions"),
        )
    return Lesson(
        r"\text{energy}(r) = \lVert \Phi_r \rVert_F = \sqrt{\textstyle\sum_{ij} \Phi_r[i,j]^2}",
        f"{texts.ENERGY_LESSON} {overlap}",
        ("core.explain.activations", "Regions"),
    )


def entry(formula: str, pooled: bool) -> Lesson:
    """Return the lesson on one entry of a bilinear matrix or feature vector; the formula has its numbers."""
    sentence = texts.ENTRY_LESSON if pooled else texts.FEATURE_LESSON
    return Lesson(formula, sentence, ("core.explain.activations", "Regions"))


STREAMS = Lesson(
    r"[f,\, e) \;\mapsto\; [\,f s - p,\;\; (e - 1) s - p + k\,) \quad"
    r" \text{for a layer with window } k \text{, step } s \text{ and padding } p",
    texts.STREAMS_LESSON,
    ("core.explain.receptive_field", "receptive_spans"),
)
NORMALISED = Lesson(
    r"v_r = \frac{\sqrt{\phi_r + \varepsilon}}{\lVert \sqrt{\phi_r + \varepsilon} \, \rVert}",
    texts.NORMALISED_LESSON,
    ("core.models.network", "Network"),
)
DESCRIPTOR = Lesson(
    r"d = \frac{e}{\lVert e \rVert}", texts.DESCRIPTOR_LESSON, ("core.explain.descriptor_steps", "describe_steps")
)
SCORE = Lesson(
    r"\text{score} = \langle d, d' \rangle = \sum_k d_k \, d'_k",
    texts.SCORE_LESSON,
    ("core.search.exact", "compute_scores"),
)
SHUFFLES = Lesson(
    r"\cos = \langle d_{\text{before}}, d_{\text{after}} \rangle, \qquad"
    r" \sum_{l \in r} a(\pi(l))\, b(\pi(l))^{\mathsf T} = \sum_{l \in r} a(l)\, b(l)^{\mathsf T}"
    r" \;\text{ if } \pi(r) = r",
    texts.SHUFFLES_LESSON,
    ("core.explain.shuffles", "compare_shuffles"),
)


def backbone(field: int, geometry: Geometry) -> Lesson:
    """Return the lesson on streams that project the features of a backbone; `field` is the receptive field's side."""
    sentence = texts.BACKBONE_LESSON.format(
        field=field, rows=geometry.rows, columns=geometry.columns, size=geometry.pixels_per_location
    )
    return Lesson(
        r"a(l) = \mathrm{ReLU}(W_a f(l) + w_a), \quad b(l) = \mathrm{ReLU}(W_b f(l) + w_b)",
        sentence,
        ("core.models.projection", "Projection"),
    )


def running_sum(groups: int) -> Lesson:
    """Return the lesson on equations (1) and (2) for a number of groups."""
    more = f" {texts.GROUPS_LESSON.format(groups=groups)}" if groups > 1 else ""
    return Lesson(
        r"\text{bilinear}(l) = a(l)\, b(l)^{\mathsf T} \;\text{ (1)}, \qquad"
        r" \phi_r = \sum_{l \in r} \text{bilinear}(l) \;\text{ (2)}",
        texts.RUNNING_SUM_LESSON + more,
        ("core.models.bilinear_pooling", "bilinear_pool"),
    )


def all_regions(region: str, count: int, pooled: bool) -> Lesson:
    """Return the lesson on the vectors of all regions: equation (3), or the locations without bilinear pooling."""
    sentence = texts.ALL_MATRICES_LESSON if pooled else texts.ALL_FEATURES_LESSON
    formula = SIZES.formula if pooled else r"[a(l_1); a(l_2); \dots; a(l_R)]"
    return Lesson(formula, sentence.format(region=region, count=count), ("core.models.network", "Network"))


def last_layer(count: int) -> Lesson:
    """Return the lesson on the fully connected layer."""
    sentence = texts.LAST_LAYER_LESSON.format(count=count)
    return Lesson(r"e = W\, [v_{r_1}; \dots; v_{r_R}] + w", sentence, ("core.models.network", "Network"))
