"""Texts of the page Compare."""

# the head of the page
TITLE = "Explain the score of two images"
INTRODUCTION = (
    "The score is a sum of contributions of region pairs, one region of each image. :blue[Blue] contributions raise "
    "the score. :orange[Orange] contributions lower it. Click a region or a curve to select a region pair."
)

# two uploads
TITLE_OF_TWO = "Are these two the same person?"
INTRODUCTION_OF_TWO = (
    "The verdict follows from the score of the two images and the calibration of the model. The score is a sum of "
    "contributions of region pairs: :blue[blue] ones raise it, :orange[orange] ones lower it."
)
UPLOAD_TWO = "**Upload two images of one person each**, or one photograph, and draw a box around two people."
CHANGE_IMAGES = "Change images"
FIRST_IMAGE, SECOND_IMAGE = "First image (probe)", "Second image (match)"
COMPARE_WITH_GALLERY = "Compare with gallery images instead"
PAIR_VERDICT = "{answer} Score {score:.3f}"
SCORE_ALONE = "Score {score:.3f}"
PAIR_PRIOR = "Prior: one true match in N pairs of images"
PAIR_PRIOR_HELP = (
    "How often two such images show the same person, before you see the score. With 2, the probability rests on the "
    "score alone. If you compare one image with many others, choose a larger N."
)
CONTRIBUTIONS = "Contributions: {names}"

# settings
CHANGE_PROBE = "Change probe"
CHANGE_MATCH = "Change match"
FIRST_RESULTS = "First results of the ranking"
BASELINE = "Baseline"
MEAN_IMAGE, ZERO = "mean gallery image", "zero"
BASELINE_HELP = (
    "Mean gallery image: the contributions show what these two images share and other images do not. Zero: the "
    "contributions include what all images share, and the bias subtracts most of it again."
)
COMPARE_WITH = "Compare with"
NONE, BEST_TRUE_MATCH, BEST_FALSE_MATCH = "none", "best true match", "best false match"
ALREADY_COMPARED = {
    BEST_TRUE_MATCH: "The match is the best true match itself.",
    BEST_FALSE_MATCH: "The match is the best false match itself.",
}
NOTHING_TO_COMPARE_WITH = {
    BEST_TRUE_MATCH: "No true match counts for this probe.",
    BEST_FALSE_MATCH: "No false match counts for this probe.",
}
AVERAGING = "Computing the mean of gallery images"
NO_RESULTS = "There is nothing to compare: no gallery image counts for this probe."

# the images with their contributions
SUMMARY_HELP = (
    "The contribution of a part is the sum of the contributions of its regions of the probe. The parts and the terms "
    "with c add up to the score."
)
RANK = "rank {rank}"
NOT_RANKED = "not ranked: the probe itself or a same-camera image"
SCORE = "Score {score:.3f}: {facts}"
PROBE = "probe"
MATCH = "match"
PAIR = "The probe and {name}"
PER_PIXEL, PER_REGION = "per pixel", "per region"
CONTRIBUTION = "{name}: {value}"
REGION_PAIR = "{probe} – {match}: {value}"
PAIR_LESSON = (
    "Blue contributions raise the score, orange ones lower it. On the parts, the colour of a region is the sum of its "
    "contributions. On the grey images, the contributions are spread over the locations of the feature maps. One pixel "
    "in a hundred is beyond the scale. The curves are the strongest region pairs. A wider curve is a stronger pair. A "
    "dashed curve lowers the score. The contributions are not estimated: they add up to the score. Region vectors v "
    "are measured from the baseline m, the mean of gallery images or zero. The terms with c come from m."
)
LOCATIONS_SHARED = (
    "Locations: this network takes the square root of its bilinear matrices, so an entry is not a sum over locations. "
    "Each location gets the share of the entry that it has before the square root. The shares add up to the score."
)
LOCATIONS_EXACT = "Locations: this network takes no square root, so the contribution of each location is exact."
BLOCKS = "Single locations are small. The curves, the bars and the table show blocks of {size} × {size} locations."

LARGE_FIELD = (
    "The receptive field of a location has {field} × {field} pixels in this network, and the image {rows} × {columns}. "
    "A contribution shows the location where it arises, which depends on most of the image."
)

# the download
PRINT_FIGURE = "Print figure as {format}"
UPLOADED = "uploaded image"
PRINT_FIGURE_ABOUT = "{model}, baseline: {baseline}"

# bars
REGIONS_ADD_UP = "Contributions add up to the score"
BARS = "The contributions of regions, which add up to the score"
TOTAL = "score"
BARS_LESSON = (
    "Each bar is the contribution of one region of the probe with all regions of the match. The bars add up to the "
    "score."
)
DIFFERENCE = "Difference of the two scores"
DIFFERENCE_BARS = "The difference of two scores by regions"
DIFFERENCE_LESSON = (
    "From the lower score to the higher score. Blue regions of the probe favour {better}. Orange regions favour "
    "{worse}. The axis starts near the scores, not at 0."
)

# one region pair
REGION_PAIRS = "One region pair"
REGION_PAIR_HEADING = "Region pair: {probe} – {match}, {value}"
TABLE = "Contributions of all region pairs"
TABLE_AXES = "↓ regions of the probe, → regions of the match"
TABLE_LESSON = (
    "The contributions of all regions of the probe (rows) with all regions of the match (columns). The last row and "
    "the last column belong to c. Regions at the same height are on the diagonal. Click a cell to select a region pair."
)
FILTER_PAIRS = "The contribution by filter pairs"
PROBE_REGION, MATCH_REGION = "region of the probe", "region of the match"
BY_FILTER_PAIRS = "by its filter pairs"
STRONGEST_FILTER_PAIRS = "Filter pairs of the **{image}**: {strongest}. Sum of all {count}: **{total}**."
PROBE_IMAGE, MATCH_IMAGE = "probe", "match"
FILTER_PAIRS_LESSON = (
    "The contribution of the region pair, divided among the filter pairs of the probe's region, and among those of the "
    "match's region. Both divisions add up to it."
)

# the deletion test
DELETION_TEST = "Deletion test"
DELETION_INTRODUCTION = (
    "The test occludes regions of the match. If the contributions are correct, the score falls as predicted."
)
OCCLUDED_REGIONS = "Occluded regions, strongest contribution first"
DELETION_SCORES = (
    "Predicted **{predicted:.4f}**, measured without the region vectors **{recomputed:.4f}**, measured with occluded "
    "pixels {painted:.4f}"
)
OCCLUDED_MATCH = "The match with {count} occluded regions"
DELETION_FIGURE = "The score by the number of occluded regions"
PREDICTED = "predicted from the contributions"
RECOMPUTED = "measured without the region vectors"
PAINTED = "measured with occluded pixels"
WEAKEST_FIRST = "predicted, weakest contribution first"
OCCLUDED_AXIS = "occluded regions of the match"
OCCLUDED_HOVER = "%{x} occluded regions"
SCORE_AXIS = "score"
DELETION_LESSON = (
    "The line is predicted from the contributions alone. The circles are scores of the network with the vectors of "
    "these regions set to m. They lie on the line. To occlude the pixels is a coarser test: other regions see the same "
    "pixels, and the network sees the occlusion itself."
)

# post-processing, and a probe of several images
MOVED = (
    "Rank {after} with the settings of the page Search. The score and the rank above are those of a search of all "
    "cameras with the same-camera rule, before re-ranking, query expansion and camera centring."
)
ADAPTED = (
    "The model is adapted to the camera of each image (AdaBN). The contributions add up to the score with adaptation. "
    "The score without adaptation is {score:.3f}."
)
SHARES = "**Mean descriptor of {count} images: score {score:.3f}.** The score is the sum of the shares of the images:\n"
SHARE = "- {name}: {share:.3f}"
SHARE_EXPLAINED = "- {name}: {share:.3f} (explained below; select another image under *Change probe*)"
OWN_SCORE = "The contributions below add up to the score of this image alone, {score:.3f}."
