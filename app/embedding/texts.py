"""The texts of the page Embedding, in the order of the screen."""

from core.jobs.progress import QUEUED, RUNNING

# page
TITLE = "Embedding"
INTRODUCTION = (
    "Each point is an image. Images with similar descriptors are near each other. Click a point, or select points with "
    "the lasso."
)
MODEL = "Model"
OTHER_MODEL = "Compare with"

# settings of the map
METHOD = "Map"
METHODS = {"umap": "UMAP", "pca": "PCA"}
DIMENSIONS = "Dimensions"
DIMENSION_NAMES = {2: "2-D", 3: "3-D"}
UMAP_SETTINGS = "UMAP settings"
NEIGHBOURS = "Number of neighbours"
NEIGHBOURS_HELP = "Small values show small groups. Large values show the global structure."
DISTANCE = "Minimum distance of points"
DISTANCE_HELP = "Small values give dense groups. Large values spread the points."
SEED = "Seed"
SEED_HELP = "Fixes all random choices. Only structure that survives a change of the seed is meaningful."

# colours and filter
COLOUR = "Colour"
COLOURED_IDENTITIES = "Coloured identities"
FILTER = "Filter"
FILTER_COLUMNS = "Columns"
ALL_VALUES = "all values"
FILTERED = "{count:,} of {total:,} images"
FIND = "Find image"
FIND_PLACEHOLDER = "identity or file name"
OTHER_VALUES = "others"
NO_PRECISION = "no true match"

# points
IDENTITY = "identity {identity}"
DISTRACTOR = "distractor"
POINT = "{who}\ncamera {camera}, {subset}\n{image}"

# maps
MAP_TITLE = "{model} · {method}"
MAP_CAPTION = "{images}, coloured by {colour}. {faithfulness}"  # of a downloaded map
UMAP_FAILED = "The UMAP map could not be computed. The page shows PCA. {reason}"
UMAP_STATES = {
    QUEUED: "The UMAP map is queued until another map is finished. Meanwhile, the page shows PCA.",
    RUNNING: "Computing the UMAP map. Meanwhile, the page shows PCA.",
}
UMAP_STARTS = "The UMAP map starts soon. Meanwhile, the page shows PCA."
FAITHFULNESS = (
    "Trustworthiness {trustworthiness:.2f} (1: all neighbours on the map are neighbours of the descriptors). "
    "{overlap:.0%} of the 15 nearest descriptors are also nearest on the map."
)
NO_FAITHFULNESS = "There are too few points to measure the trustworthiness of the map."
CAUTION = "**Distances between clusters are not to scale.** The sizes of clusters are not to scale."
SAMPLED = (
    "The map shows {count:,} of the {total:,} gallery images, evenly spaced in the gallery. Nearest descriptors, first "
    "results and average precisions are those among these images."
)
DESCRIBING_PROBES = "Describing the probes"
DESCRIBING_UNTRAINED = "Describing all images with the untrained network"

# selection of the lasso
SELECTED = "Selected images: {count:,}"
REPROJECTED = "Map of {images}"
REPROJECT = "Re-project selection"
CREATE_GALLERY = "Create gallery from selection"
CREATE_GALLERY_HELP = "The new gallery has copies of the selected images, with their labels. The same model indexes it."
GALLERY_NAME = "Name"
CREATE = "Create gallery"
COPYING_IMAGES = "Copying the images"
CLEAR_LASSO = "Clear lasso"
SHOW_ALL = "Show all images"
SELECTED_CROP = "{image}: {who}, camera {camera}"
SELECTED_CROPS = "Selected images"
FIRST_CROPS = "The first {shown} of {count:,} selected images. The table has all of them."
TABLE = "Table of {images}"
CSV, PARQUET = "CSV", "Parquet"

# clicked point
CLEAR_SELECTION = "Clear selection"
POINT_CROP = "The image {image}"
POINT_CROPS = "Selected point"
FACT = "{name}: {value}"
FIRST_RESULT = "first result"
AVERAGE_PRECISION = "average precision"
SEARCH, REGIONS, COMPARE = "Search", "Regions", "Compare"
LINES_TO_NEIGHBOURS = "Lines lead to them."
UPLOAD_ON_MAP = "The star marks **{name}** on the map."
STAR_NEAR_NEIGHBOURS = "The star lies among them."
NEAREST = "**Nearest descriptors**, not nearest points. {where}"
NEIGHBOUR = "Neighbour {rank}: {who}, camera {camera}, score {score:.3f}"
NEAREST_CROPS = "Nearest descriptors"

# without a clicked point
NO_POINT = (
    "Click a point to see its image and its nearest neighbours. Or upload an image of a person to see its place on the "
    "map."
)
UPLOAD = "Upload an image of a person"

# statistics
STATISTICS = "Statistics: scores of pairs, silhouettes"
HISTOGRAMS = "Scores of pairs of the same and of different identities, {model}"
ABOUT_STATISTICS = (
    "The scores of all pairs of images of the **same** identity and of **different** identities. The histogram loss "
    "separates these two histograms. Where they overlap, a false match can rank before a true match. The **confusion** "
    "is the probability that a random pair of different identities scores at least as high as a random pair of the "
    "same identity. The **silhouettes**, from -1 to 1, measure whether images form groups by identity (wanted) or by "
    "camera (not wanted)."
)
NO_PAIRS = "The shown images have no pair of the same identity, or no pair of different identities."
CONFUSION = "Confusion"
SILHOUETTES = {"person": "Silhouette by identity", "camera": "Silhouette by camera"}

# checkpoints of a run
CHECKPOINTS = "Checkpoints of a run"
NO_CHECKPOINTS = (
    "There is no run with two checkpoints yet. For such a run, this section shows one map per checkpoint. Start one: "
    "`python -m core train assets/pedestrians --preset demo`."
)
NO_IDENTITIES = "The maps need images with identities. Choose a gallery with labels."
RUN = "Run"
STEP = "Step"
CHECKPOINT_MAP = "{run}, step {step}"
DESCRIBING_CHECKPOINTS = "Describing images with each checkpoint"
