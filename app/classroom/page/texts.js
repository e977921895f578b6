// The sentences that hold numbers or names. All other texts are in index.html.
const PARTS = ["head and chest", "trunk", "legs"]
const [ROW_NAMES, COLUMN_NAMES] = [["upper", "middle", "lower"], ["left", "centre", "right"]]

export const UPLOAD = "Your image"
export const NOT_AN_IMAGE = "The browser cannot read this file as an image. Use a JPEG or PNG file."
export const TOO_SMALL = "The box is too small. It needs at least 8 × 8 pixels."
export const SHARED = "what all images share"
export const SCORE = "score"
export const CROP = "Drag a box around one person. The arrow keys move the box. With Shift they change its size."
export const CROP_LABEL = "Box around one person"
export const [SEARCH, CANCEL] = ["Search", "Cancel"]
export const [PLAY, PAUSE] = ["Play", "Pause"]
export const THEME = { light: "Dark colours", dark: "Light colours" }
export const MISSED = "These probes have no true match first. Click one to see why."
export const MISSED_NONE = "All probes have a true match first."
export const NOTHING_TO_COUNT = "No probe has a true match in the gallery, so there is no accuracy."
export const LOAD_FAILED = "A file of this page is missing. Copy the whole folder again."
export const MATRIX_TITLES = {
  part: "The part and its region",
  product: "Products at this location",
  sum: "Sum so far",
  terms: "One number of the sum",
  scale: "largest number",
}
export const SCORE_TITLES = {
  matrices: (count, name) => `${count} matrices of the ${name}, placed like their regions`,
  descriptor: (count, name) => `descriptor of the ${name}, ${count} numbers`,
  products: (count) => `${count} products`,
  sum: "Their sum is the score",
}
export const CELL_LABEL = "Bilinear matrix. The arrow keys choose a number."

export function number(value, digits = 3) {
  return value.toFixed(digits).replace("-", "−")
}

export function signed(value, digits = 3) {
  const text = number(value, digits)
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

export function count(value) {
  return value.toLocaleString("en")
}

export function partName(part) {
  return PARTS[part]
}

export function regionName(region, side) {
  const part = PARTS[Math.floor(region / side ** 2)]
  const [row, column] = [Math.floor((region % side ** 2) / side), region % side]
  if (side === 1) return part
  return side === 3 ? `${part}, ${ROW_NAMES[row]} ${COLUMN_NAMES[column]}` : `${part}, row ${row + 1}, column ${column + 1}`
}

export function gallerySize(images, cameras) {
  return cameras ? `Here: ${count(images)} images from ${cameras} cameras.` : `Here: ${count(images)} images.`
}

export function onePerson(images, areCamerasKnown) {
  const where = areCamerasKnown ? `before ${images} cameras` : `in ${images} images`
  return `One person ${where}. Light, background and pose change.`
}

export function camera(value) {
  return value === 0 ? "Unknown camera" : `Camera ${value}`
}

export function verdict(ranking, isLabelled) {
  if (!isLabelled) return "The page does not know who this is. So it marks no true matches."
  const ranks = ranking.filter((each) => each.isTrue).map((each) => each.rank)
  if (!ranks.length) return "The gallery has no true match for this probe."
  const first = ranks[0] === 1 ? "The first result is a true match." : `The first true match has rank ${ranks[0]}.`
  const shown = ranks.slice(0, 12).join(", ") + (ranks.length > 12 ? ", …" : "")
  return ranks.length === 1 ? first : `${first} The person’s ${ranks.length} true matches have the ranks ${shown}.`
}

export function timing(images, milliseconds) {
  return `Ranked ${count(images)} images in ${Math.max(1, Math.round(milliseconds))} ms.`
}

export function resultLabel({ rank, score, isTrue }, isLabelled) {
  const mark = isLabelled ? (isTrue ? ", true match" : ", another person") : ""
  return `Rank ${rank}, score ${number(score)}${mark}. Compare it with the probe.`
}

export function matchCaption({ rank }) {
  return `Result at rank ${rank}`
}

export function contribution(name, image, value) {
  const effect = value > 0 ? "It raises the score." : "It lowers the score."
  return `The region “${name}” of the ${image} contributes ${signed(value)}. ${/[1-9]/.test(number(value)) ? effect : "It hardly matters."}`
}

export function matrixTitle(name, image) {
  return `Region “${name}” of the ${image}`
}

export function locationText(at, total, filters) {
  return `Location ${at} of ${total}. ${filters} × ${filters} products are added to the sum.`
}

export function cellText(i, j, products, total) {
  const [row, column] = [i + 1, j + 1]
  const shown = products.slice(0, 3).map(([a, b]) => `${number(a, 2)} · ${number(b, 2)}`)
  const more = products.length > 3 ? " + …" : ""
  return `Row ${row}, column ${column} of the sum: filter ${row} of A times filter ${column} of B, over the locations: ` +
    `${shown.join(" + ")}${more} = ${number(total)}. Point at another number of the sum.`
}

export function numbersText(regions, filters) {
  return `${regions} × ${filters} × ${filters} = ${count(regions * filters ** 2)}`
}

export function accuracyText(share, total) {
  const right = Math.round(share * total)
  return `For ${right} of ${total} probes the first result is a true match: rank-1 is ${number(100 * share, 1)} %.`
}

export function leftOut(probes) {
  return `Not counted: ${probes} without a true match in the gallery.`
}

export function missedLabel(rank) {
  return `rank ${rank}`
}
