"""Names in the pages' links and in each visitor's session."""

# names in the link; all but the first are also keys of widgets
PROBE, MODEL, TOP, CAMERAS, RULE = "probe", "model", "top", "cameras", "rule"
RERANK, EXPAND, ADAPT, CENTRE = "rerank", "expand", "adapt", "centre"
PRIOR, FALSE_MATCHES = "prior", "line"
WITH = "with"  # the model, in a link from page to page: Streamlit lets nothing but its widget set `model`
TABLE, COMPARED, LOOKED_AT = "table", "results", "result"
SIZE, WEIGHTS, RANGE, ROW, OTHERS = "size", "random", "shared", "row", "models"  # of the page Regions
REGION, ENTRY = "region", "entry"  # chosen by a click
MATCH, BESIDE, FROM, PAIR, CHECK = "match", "beside", "from", "pair", "check"  # of the page Compare
WHY = "why"  # session key: the answer whose "why?" was clicked
BESIDE_MODEL, METHOD, DIMENSIONS, COLOUR, PEOPLE = "other", "map", "dimensions", "colour", "people"  # of Embedding
NEIGHBOURS, DISTANCE, SEED = "neighbours", "distance", "seed"
WATCHED, BESIDE_RUNS = "run", "runs"  # of Training
SERVER = "server"  # of Search: whether the gallery's copy on a server is searched
GALLERY = "gallery"  # an own one, of Search and Data; without it the data folder is meant
# session keys
REFUSED_ACTION = "refused_action"  # why a run or gallery could not be stopped, resumed, renamed or deleted
GALLERY_BOX, ADDED = "gallery_box", "added"  # the gallery's name, as chosen; how often images were added
FILTER, VALUES = "filter", "values"  # columns that are filtered by; with a column's name, the values that are kept
CHOSEN, ISOLATED = "chosen", "isolated"  # names of images in the lasso; rows that are projected alone
NAME = "name"  # of the probe, as typed
UPLOADS = "uploads"  # list[Upload], instead of a named probe
REFUSED = "refused"  # a sentence for each upload that could not be used
BOXES = "boxes"  # content of an upload -> Box that was drawn on it
UPLOADER = "uploader"  # how often the uploader was emptied
