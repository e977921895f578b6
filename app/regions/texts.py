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
    "activations at the same locations."
)
ENERGY_OF_FEATURES_LESSON = (
    "The energy is the length of the feature vector of a location. A location is bright if its filters have high "
    "activations."
)
OVERLAP = "Neighbouring parts overlap by {rows} rows of pixels."
NO_OVERLAP = "The parts do not overlap."

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
SEARCHING = "Searching gallery images: {done} of {total}"
HIGHEST, LOWEST = "Highest activations", "Lowest activations"
TOP_IMAGES = "Images with the highest and lowest activations of the filter pair"
TOP_ACTIVATIONS_LESSON = (
    "The number below an image is the entry of its region vector, from which the descriptor is computed. A filter has "
    "high activations on small patterns of colour and edges. A filter pair has a high value where both patterns occur "
    "in the region. With the lowest values the patterns are absent, which is true of many different images."
)
TOP_ACTIVATIONS_OF_FILTER_LESSON = (
    "The number below an image is the activation of the filter at this location, from which the descriptor is "
    "computed. A filter has high activations on small patterns of colour and edges. With the lowest values the pattern "
    "is absent, which is true of many different images."
)
SAMPLED = "Searched: {count} of the {total:,} gallery images, evenly spaced in the gallery."

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
    "The feature maps of the same trained streams, pooled in regions of different sizes. One region a part (B-CNN) "
    "keeps which patterns occur, but not where. Single locations keep the exact position, and no longer match if a "
    "person stands a little to the side. The paper uses 5 × 5 of 15 × 15 locations."
)
MODELS_LESSON = (
    "Each model with its own streams and regions. CNN has no bilinear pooling, so its regions are single locations. "
    "B-CNN has one region a part. MR B-CNN has a grid of regions."
)

# from the locations of a region to its bilinear matrix
RUNNING_SUM = "From locations to the bilinear matrix: {region}"
STREAMS_LESSON = (
    "The activations at location l depend on the pixels in the red square, the receptive field of l. The square grows "
    "from the feature maps back to the part: each convolution and each max-pooling adds its window. ReLU and batch "
    "normalisation follow max-pooling and process each location by itself. The white square is the region."
)
BACKBONE_LESSON = (
    "Both streams project the features f(l) of the backbone, and batch normalisation is included in W and w. The red "
    "square is location l. The white square is the region. The receptive field of l is larger, {field} × {field} "
    "pixels around the square; the image has {rows} × {columns}. The activations at l therefore depend on most of the "
    "image, and also on pixels of the other part."
)
RUNNING_SUM_LESSON = (
    "At each location, every activation of stream A is multiplied by every activation of stream B (equation 1). The "
    "bilinear matrix is the sum of these products over the region (equation 2). Move the slider, press the arrow keys, "
    "or play the sum. Point at an entry to see its numbers."
)
GROUPS_LESSON = (
    "This network is an ensemble of {groups} networks. Filters of different networks are not multiplied, so b(l) has "
    "one row for each network."
)

# from the region vectors to the score
DESCRIPTOR_STEPS = "From the bilinear matrices to the score"
OTHER_SIZE_NO_DESCRIPTOR = (
    "Select the region size “as trained” to see the descriptor. The last layer belongs to these regions."
)
ALL_MATRICES = "Bilinear matrices of all regions, {rows} × {columns}"
ALL_FEATURES = "Feature vectors of all locations, {rows} × {columns}"
ALL_MATRICES_LESSON = (
    "Each row is the bilinear matrix of one region as a vector. The arrow marks {region}. The rows form one long "
    "vector of {count:,} numbers (equation 3)."
)
ALL_FEATURES_LESSON = (
    "Each row is the feature vector of one location. The arrow marks {region}. The rows form one long vector of "
    "{count:,} numbers."
)
NORMALISED = "Region vectors after the signed square root and L2 normalisation"
NORMALISED_LESSON = (
    "This model takes the square root of each entry and divides each row by its length. Large entries then count less, "
    "and all regions count the same. The activations are not negative, so the signed square root is the square root. "
    "In an ensemble, this is done for each network by itself."
)
LAST_LAYER = "Last layer: {count} numbers"
LAST_LAYER_LESSON = (
    "One fully connected layer computes {count} numbers from all region vectors. Batch normalisation, if the model "
    "uses it, is an affine function after training and is included in W and w."
)
DESCRIPTOR = "Descriptor"
DESCRIPTOR_LESSON = "The output of the last layer is divided by its length. The descriptor has the length 1."
NUMBER = "number {number}: {value:.4g}"
BEST_MATCH = "Score of the best match: {score:.3f}"
BEST_MATCH_ROWS = ("descriptor of the image", "descriptor of {name}", "products")
SCORE_LESSON = (
    "The best match is the gallery image with the highest score. The score is the cosine similarity. Both descriptors "
    "have the length 1, so the score is the sum of the products of their numbers."
)
RANDOM_HAS_NO_MATCH = "Turn off “Random weights” to see the best match. The gallery is indexed by the trained model."
NO_MATCH = "No gallery image counts for this image."
SCENE_OF = "{title}, as colours"

# the shuffle experiment
SHUFFLES = "Experiment: move the patterns"
SHUFFLES_INTRODUCTION = (
    "Each change moves the patterns of the image or of its feature maps. The table shows the cosine similarity of the "
    "descriptors before and after the change."
)
SHUFFLE_NAMES = {
    "shift": "shift the image by {pixels} pixels",
    "halves": "swap the halves of the image",
    "parts": "permute the locations of each part",
    "regions": "permute the locations of each 5 × 5 region",
}
SHUFFLE_TITLES = {
    "image": "image",
    "shift": "shifted image",
    "halves": "halves swapped",
    "maps": "feature maps",
    "parts": "permuted in parts",
    "regions": "permuted in regions",
}
CHANGE = "change"
UNCHANGED = "**1 (invariant)**"
SHUFFLED_IMAGES = "The image and the feature maps before and after each change"
PERMUTED_MAP = "The maps show |a(l)| |b(l)|."
RANK_1 = "rank-1 on the data set {data}"
PERCENT = "{value:.1f} %"
NOT_MEASURED = "not measured"
ONE_MODEL_MISSING = "The experiment needs at least one of these models: {names}."
SHUFFLES_LESSON = (
    "A sum does not depend on the order of its terms. B-CNN has one region for each part, so its descriptor is "
    "invariant to every permutation within a part. MR B-CNN is invariant to permutations within a region only: it "
    "keeps the region of a pattern. CNN keeps each location and is invariant to none. The paper argues that a person "
    "who stands a little to the side needs some invariance, and that head, trunk and legs must not be confused."
)
