// Image files -> the pixels that enter the network.
import { COLUMNS, ROWS } from "./network.js"
import { resize } from "./resize.js"

// upright, and without a conversion of colours, as Pillow reads it
export function decode(file) {
  return createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "none" })
}

// a box of an image -> RGB (160 x 60 x 3); transparent pixels become white
export function networkInput(bitmap, box = { left: 0, top: 0, width: bitmap.width, height: bitmap.height }) {
  const canvas = document.createElement("canvas")
  Object.assign(canvas, { width: box.width, height: box.height })
  const context = canvas.getContext("2d", { willReadFrequently: true })
  context.fillStyle = "white"
  context.fillRect(0, 0, box.width, box.height)
  context.drawImage(bitmap, -box.left, -box.top)
  const { data } = context.getImageData(0, 0, box.width, box.height)
  const colours = new Uint8Array(box.width * box.height * 3)
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    colours[to] = data[from]
    colours[to + 1] = data[from + 1]
    colours[to + 2] = data[from + 2]
  }
  return { pixels: resize(colours, box.height, box.width, ROWS, COLUMNS), url: canvas.toDataURL("image/png") }
}

// rows of RGB pixels on a canvas
export function drawPixels(canvas, pixels, firstRow, rows) {
  Object.assign(canvas, { width: COLUMNS, height: rows })
  const image = new ImageData(COLUMNS, rows)
  for (let to = 0, from = firstRow * COLUMNS * 3; to < image.data.length; to += 4, from += 3) {
    image.data.set([pixels[from], pixels[from + 1], pixels[from + 2], 255], to)
  }
  canvas.getContext("2d").putImageData(image, 0, 0)
}
