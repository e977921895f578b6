// A box around one person in an uploaded image: by pointer, or by the arrow keys.
import { element } from "./element.js"
import { CANCEL, CROP, CROP_LABEL, SEARCH, TOO_SMALL } from "./texts.js"

const [MOST_COLUMNS, MOST_ROWS, LEAST_PIXELS, KEY_STEP] = [640, 480, 8, 0.02]

// Shows the editor in `place`; calls onCrop(box) with the box in pixels of the image.
export function showCropper(place, bitmap, onCrop) {
  const scale = Math.min(1, MOST_COLUMNS / bitmap.width, MOST_ROWS / bitmap.height)
  const canvas = element("canvas", { width: bitmap.width * scale, height: bitmap.height * scale, tabIndex: 0, className: "cropper" })
  canvas.setAttribute("aria-label", CROP_LABEL)
  const error = element("p", { role: "alert" })
  let box = { left: 0, top: 0, width: bitmap.width, height: bitmap.height }
  let start = null

  const draw = () => {
    const context = canvas.getContext("2d")
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    context.fillStyle = "rgb(0 0 0 / 0.55)"
    const [left, top, width, height] = [box.left, box.top, box.width, box.height].map((value) => value * scale)
    context.beginPath()
    context.rect(0, 0, canvas.width, canvas.height)
    context.rect(left, top, width, height)
    context.fill("evenodd")
    context.strokeStyle = "#fff"
    context.lineWidth = 2
    context.strokeRect(left + 1, top + 1, width - 2, height - 2)
  }
  const setBox = (left, top, width, height) => {
    const limit = (value, most) => Math.round(Math.min(Math.max(value, 0), most))
    const [w, h] = [limit(width, bitmap.width), limit(height, bitmap.height)]
    box = { left: limit(left, bitmap.width - w), top: limit(top, bitmap.height - h), width: w, height: h }
    draw()
  }
  const at = (event) => {
    const shown = canvas.getBoundingClientRect()
    const place = (value, most) => Math.min(Math.max(value, 0), 1) * most
    return [
      place((event.clientX - shown.left) / shown.width, bitmap.width),
      place((event.clientY - shown.top) / shown.height, bitmap.height),
    ]
  }
  canvas.onpointerdown = (event) => {
    start = at(event)
    canvas.setPointerCapture(event.pointerId)
  }
  canvas.onpointermove = (event) => {
    if (!start) return
    const [x, y] = at(event)
    setBox(Math.min(x, start[0]), Math.min(y, start[1]), Math.abs(x - start[0]), Math.abs(y - start[1]))
  }
  canvas.onpointerup = () => (start = null)
  canvas.onkeydown = (event) => {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (!direction) return
    event.preventDefault()
    const [x, y] = [direction[0] * KEY_STEP * bitmap.width, direction[1] * KEY_STEP * bitmap.height]
    if (event.shiftKey) setBox(box.left, box.top, box.width + x, box.height + y)
    else setBox(box.left + x, box.top + y, box.width, box.height)
  }
  const close = () => (place.hidden = true)
  const search = element("button", { type: "button", className: "button", textContent: SEARCH })
  search.onclick = () => {
    const isTooSmall = Math.min(box.width, box.height) < LEAST_PIXELS
    error.textContent = isTooSmall ? TOO_SMALL : ""
    if (isTooSmall) return
    close()
    onCrop(box)
  }
  const cancel = element("button", { type: "button", className: "button quiet", textContent: CANCEL, onclick: close })
  place.replaceChildren(element("p", { textContent: CROP }), canvas, error, element("p", { className: "row" }, search, cancel))
  place.hidden = false
  draw()
  canvas.focus({ preventScroll: true })
}
