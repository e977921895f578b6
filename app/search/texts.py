"""Texts of the page Search."""

# before a search
TITLE = "Search a gallery for a person"
RE_IDENTIFICATION = (
    "Person re-identification finds images of the same person in a gallery of images from other cameras."
)
STEP = "**{number}. {name}.** {text}"
DESCRIBE = ("Describe", "A network converts each image to a descriptor, a vector of numbers.")
EUCLIDEAN_SCORE = (
    "This model is a comparison method. The score is 1 − d² / 2, where d is the Euclidean distance of two images. A "
    "smaller distance gives a higher score."
)
COMPARE = ("Compare", "The score of two images is the cosine similarity of their descriptors.")
RANK = ("Rank", "The gallery is sorted by score. True matches should come first.")
PAPER = "Read the paper (arXiv 1512.05300)"
USE_OWN_IMAGES = "Use your own images"
SAME_PERSON = "Are these two the same person?"
TAKE_TOUR = "Take the tour"
RESUME_TOUR = "Resume the tour"
FOR_TEACHERS = "For teachers"
SELECT_PROBE = "**Select a demo probe**"
UPLOAD_IMAGES = "**Or upload images.** Several images are averaged as one person, or searched for one by one."

# the probe
INSPECT_REGIONS = "Inspect regions"
NEW_SEARCH = "New search"
ANOTHER_UPLOAD = "Upload another image"

# settings of the search
RESULTS = "Results"
SAME_CAMERA_RULE = "Same-camera rule"
SAME_CAMERA_HELP = "If on: {rule}"

# post-processing
POST_PROCESSING = "Post-processing"
ADAPTED = (
    "The model is adapted to each camera of the gallery (AdaBN). The ranking uses the adapted descriptors. The scores "
    "are those without adaptation."
)
CENTRE = "Camera centring"
CENTRE_HELP = (
    "Subtracts the mean descriptor of each camera. Light and colours of a camera make different people look alike. "
    "Helps if cameras differ. Can hurt if cameras see different people."
)
RERANK = "k-reciprocal re-ranking"
RERANK_HELP = (
    "Zhong et al. 2017. Two images are similar if each is among the nearest neighbours of the other, and if they share "
    "neighbours."
)
EXPAND = "Query expansion: number of results"
EXPAND_HELP = (
    "Chum et al. 2007. Averages the probe's descriptor with those of its first results, and searches again. Helps if "
    "these results are true matches. Hurts if they are not."
)
EXPANDED = "Query expansion: {count}"
SWITCH_OFF = "Switch off"
FINDING_NEIGHBOURS = "Finding the nearest neighbours of each gallery image. This is done once."

# the calibration of scores
CALIBRATION = "Calibration"
PERCENTAGES = "Show the probability of each result"
PRIOR = "Prior: one true match per N gallery images"
FALSE_MATCH_RATE = "False-match rate at the threshold line: one in N"
CALIBRATION_HELP = (
    "The lower the prior, the lower the probability of a true match at the same score. All settings use the "
    "calibration of the model."
)

# the ranking
NO_IDENTITY = (
    "**Sorted by score.** The probe has no identity label, so results are not marked as true or false matches."
)
DOWNLOAD_RANKING = "Download ranking (CSV)"
NO_RESULTS = "There are no results: no gallery image counts for this probe."
NO_RESULTS_OF_CAMERAS = "There are no results. The selected cameras have no image that counts for this probe."
PROBABILITY_TITLE = "{title}. Probability of a true match: {probability}"
THRESHOLD_LINE = "Below {threshold:.3f}: the false-match rate is higher than 1 in {rate:,}"

# whether the person is in the gallery
PRESENT = "**Probably in this gallery.** A stranger scores this high in {absent} of 100 searches."
UNDECIDED = (
    "**Possibly in this gallery.** A stranger scores this high in {absent} of 100 searches. A person in the gallery "
    "scores this low in {present} of 100."
)
ABSENT = "**Probably not in this gallery.** A person in the gallery scores this low in {present} of 100 searches."
PRESENCE = {"probably": PRESENT, "possibly": UNDECIDED, "probably not": ABSENT}  # core/evaluation/verdict.py
FEWER_THAN_1, MORE_THAN_99 = "fewer than 1", "more than 99"

# what the verdict and the probabilities rest on
PRIOR_USED = "Percentages are probabilities of a true match, with a prior of 1 in {prior:,}."
THRESHOLD_USED = (
    "The dashed line marks the threshold {threshold:.3f}: below it the false-match rate is higher than 1 in {rate:,}."
)
EXTRAPOLATED = "The false-alarm rate was measured with {gallery:,} images and is extrapolated to {images:,} images."
AVERAGED = (
    "The descriptors of several images are averaged. They score higher than the single images of the calibration."
)
REORDERED = "Post-processing changes the order. The scores are those of the probe alone."

# several uploads, each searched for by itself
EACH_SEARCHED = "**{count} images, each by itself,** searched for among {images:,} gallery images."
DOWNLOAD_RANKINGS = "Download rankings (CSV)"
DOWNLOAD_RANKINGS_HELP = "The first {top} results of each image."
COLUMN_PROBE, COLUMN_NAME, COLUMN_RESULT, COLUMN_SCORE = "Probe", "File", "First result", "Score"
COLUMN_VERDICT, COLUMN_IDENTITY, COLUMN_CAMERA, COLUMN_SEARCH = "Verdict", "Identity", "Camera", "Ranking"
OPEN_SEARCH = "Open"
NO_PERSON_IN_ROW = "No person found"
PRESENCE_IN_ROW = {
    "probably": "Probably in this gallery",
    "possibly": "Possibly in this gallery",
    "probably not": "Probably not in this gallery",
}
MORE_PROBES = "For more images, use the command `search CHECKPOINT GALLERY FOLDER --each --csv FILE`."

# server gallery
SEARCH_SERVER = "Search the server gallery"
SEARCH_SERVER_HELP = "Searches {images:,} images at `{uri}`, index {index}."
SEARCH_SERVER_HELP_OUTDATED = (
    SEARCH_SERVER_HELP + " The server gallery is older than the gallery. Upload the changes on the page Data."
)
SEARCH_THIS_MACHINE = "Search on this machine"
INCOMPLETE_RANKING = (
    "**Sorted by score.** The server ranks only a part of its images, so not all true matches can be counted."
)
