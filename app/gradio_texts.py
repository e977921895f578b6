"""Texts of the Gradio app."""

# the page
TITLE = "Search a gallery for a person"
DESCRIPTION = "Ranks the gallery images by their similarity to an image of a person. For research and teaching only."
IMAGE = "Image of one person"
RESULTS = "Results"
SEARCH = "Search"
TABLE = "Ranking as a table"
MESSAGE = "Message"
RESULT = "{rank} · {score:.3f}"
INDEXING = "Indexing the gallery. This is done once."
OPEN = "The search is open at {url}"

# errors
BUSY = "{count} searches are waiting. Search again in a few seconds."
NO_GALLERY = "There is no gallery {name!r}. Galleries: {known}."
NO_MODEL = "There is no model {name!r}. Models: {known}."
NO_CAMERA = "There is no camera {name!r}. Cameras have numbers."
NO_IMAGE = "Give an image of one person first."
DELETED_IMAGE = "The image was deleted {minutes} minutes after its upload. Upload it again."
NOT_A_FILE = "Send the image as a file."
A_LINK = "Send the image itself. Links are not followed."
