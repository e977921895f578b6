"""Texts of the page Regions."""

# the head of the page
TITLE = "Inspect the regions of an image"
INTRODUCTION = (
    "The page shows the parts of an image, the regions of their feature maps, and single products of activations. "
    "Click a region to select it."
)

# settings
REGION_SIZE = "Region size (locations along a side)"
AS_TRAINED = "as trained"
REGION_SIZE_HELP = "Other sizes pool the feature maps of the same trained streams."
RANDOM_WEIGHTS = "Random weights"
RANDOM_WEIGHTS_HELP = (
    "Shows the same architecture before training. A pattern that random weights show, too, is not learned."
)

# the energy of the regions
ENERGY = "Energy of the regions"
IMAGE = "The image and its regions"
ENERGY_SCALE = "energy"
REGION_ENERGY = "{region}: energy {value:.4g}"
ROWS = "rows {first}–{last}"
ENERGY_LESSON = (
    "The energy is the length of a region's bilinear matrix. A region is bright if filters of both streams have high "
    "activations at the same locations. Neighbouring parts overlap by ten rows of pixels."
)

# the bilinear matrix of one region
REGION = "Region: {region}"
MATRIX = "Bilinear matrix of {region}"
MATRIX_ENTRY = "{entry}: {value:.4g}"
STREAM_B_AXIS = "j: filters of stream B →"
GROUP_AXIS = "j: filters of i's group in stream B →"
FILTER_AXIS = "i ↓"
MATRIX_LESSON = (
    "The bilinear matrix of the region. An entry is high if filter i of stream A and filter j of stream B have high "
    "activations at the same locations. Click an entry to see its feature maps."
)
FEATURES_LESSON = (
    "This network has one stream and no bilinear pooling. Each location is a region of its own, and this is its "
    "feature vector."
)

# one entry of the matrix
ENTRY = "Entry: {entry}"
STRONGEST_ENTRIES = "Strongest entries of the region"
STRONGEST_ENTRY = "{entry}: {value:.3g}"
MAPS = "Feature maps of {entry}"
STREAM_A_MAP = "a: filter {number} of stream A"
STREAM_B_MAP = "b: filter {number} of stream B"
PRODUCT = "product a · b"
POWER = "{name} (in 10{power})"
LOCATION = "{name}: {value:.4g}"
ENTRY_LESSON = (
    "The white frame is the region on its part. Below, the region is enlarged. At each location the activations of the "
    "two filters are multiplied. The entry of the matrix is the sum of the products over the region."
)
FEATURE_LESSON = (
    "The white frame is the region on its part. Below, the region is enlarged. The network has one stream, so the "
    "entry is the activation of the filter at this location."
)

# top activations
TOP_ACTIVATIONS = "Top activations of {entry}: {region}"
OTHER_REGION_SIZE = (
    "Select the region size “as trained” to see top activations. The descriptor is computed from these regions."
)
SHOW_TOP_ACTIVATIONS = "Search {count} gallery images"
SHOW_TOP_ACTIVATIONS_HELP = "The first time, this takes some seconds."
COMPUTING_ACTIVATIONS = "Computing the activations on gallery images. This is done once."
HIGHEST, LOWEST = "Highest activations", "Lowest activations"
TOP_IMAGES = "Images with the highest and lowest activations of the filter pair"
TOP_ACTIVATIONS_LESSON = (
    "The number below an image is the entry of its region vector, from which the descriptor is computed. A filter has "
    "high activations on small patterns of colour and edges. A filter pair has a high value where both patterns occur "
    "in the region. With the lowest values the patterns are absent, which is true of many different images."
)

# the comparison of region sizes and models
COMPARISON = "Compare region sizes and models"
COMPARE = "Compare"
REGION_SIZES, MODELS = "region sizes", "models"
SHARED_SCALE = "Shared colour scale"
SHARED_SCALE_HELP = "If off, the scale of each column ends at its highest energy."
CHOSEN_MODELS = "Models"
COLUMNS = "The image in several region sizes or models"
REGION_COUNT = "{count} regions"
LOCATIONS = "{size} × {size} locations"
SINGLE_LOCATIONS = "single locations"
SELECT_MODEL = "Select a model."
NO_REGION_SIZES = "{name} has one stream and no bilinear pooling, so it has no region sizes. Compare models instead."
SIZES_LESSON = (
    "The feature maps of the same trained streams, pooled in regions of 15, 5, 3 and 1 locations along a side. One "
    "region a part (B-CNN) keeps which patterns occur, but not where. Single locations keep the exact position, and "
    "no longer match if a person stands a little to the side. The paper uses 5."
)
MODELS_LESSON = (
    "Each model with its own streams and regions. CNN has no bilinear pooling, so its regions are single locations. "
    "B-CNN has one region a part. MR B-CNN has a grid of regions."
)
