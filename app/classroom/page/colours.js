// Numbers as colours: contributions in blue and orange, activations and matrices from dark to light.
export const [POSITIVE, NEGATIVE] = [[63, 111, 224], [217, 80, 43]]
const INFERNO = [
  [0, 0, 4], [31, 12, 72], [85, 15, 109], [136, 34, 106], [186, 54, 85], [227, 89, 51], [249, 140, 10], [249, 201, 50],
  [252, 255, 164],
]

// 0 ... top -> [red, green, blue]; the square root keeps small numbers visible
export function glow(value, top) {
  const at = Math.sqrt(Math.min(1, Math.max(0, top > 0 ? value / top : 0))) * (INFERNO.length - 1)
  const low = Math.min(INFERNO.length - 2, Math.floor(at))
  return INFERNO[low].map((from, n) => from + (INFERNO[low + 1][n] - from) * (at - low))
}

// the colour and the opacity (0 ... 1) of a signed number
export function signedColour(value, top) {
  const share = Math.min(1, top > 0 ? Math.abs(value) / top : 0)
  return { colour: value >= 0 ? POSITIVE : NEGATIVE, opacity: share ** 0.8 }
}

// Draws numbers, one pixel each; the style sheet enlarges the canvas.
export function drawNumbers(canvas, values, columns, colour) {
  const rows = values.length / columns
  Object.assign(canvas, { width: columns, height: rows })
  const image = new ImageData(columns, rows)
  values.forEach((value, n) => image.data.set(colour(value), 4 * n))
  canvas.getContext("2d").putImageData(image, 0, 0)
}

export function glowing(top) {
  return (value) => [...glow(value, top), 255]
}

export function signing(top) {
  return (value) => {
    const { colour, opacity } = signedColour(value, top)
    return [...colour, 255 * opacity]
  }
}

// black or white, whichever has the higher contrast with a colour: the luminance between them is 0.18
export function legible(colour) {
  const [red, green, blue] = colour.map((value) => (value / 255) ** 2.2)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000" : "#fff"
}

export function largest(values) {
  return values.reduce((top, value) => Math.max(top, Math.abs(value)), 0)
}
