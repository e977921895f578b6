// An image to draw a box on. Its corners, relative to width and height, are sent to Python (trigger "drawn").
const MIN_SIDE = 12 // pixels on the screen; a smaller box is a click

export default function ({ data, parentElement, setTriggerValue }) {
  const stage = parentElement.querySelector(".stage")
  const image = parentElement.querySelector("img")
  const box = parentElement.querySelector(".box")
  stage.setAttribute("aria-label", data.label)
  stage.style.aspectRatio = `${data.width} / ${data.height}`
  stage.style.maxWidth = `min(100%, ${data.width}px, calc(46vh * ${data.width / data.height}))`
  if (image.src !== data.src) image.src = data.src
  show(box, data.box)

  let start = null
  const place = (event) => shares(event, stage.getBoundingClientRect())
  stage.onpointerdown = (event) => {
    start = place(event)
    stage.setPointerCapture(event.pointerId)
    event.preventDefault()
  }
  stage.onpointermove = (event) => {
    if (start) show(box, between(start, place(event)))
  }
  stage.onpointerup = (event) => {
    if (!start) return
    const drawn = between(start, place(event))
    start = null
    if (isClick(drawn, stage.getBoundingClientRect())) show(box, data.box)
    else setTriggerValue("drawn", drawn)
  }
  stage.onpointercancel = () => {
    start = null
    show(box, data.box)
  }
}

// a pointer's position relative to the width and height of an area; outside, the nearest edge
export function shares({ clientX, clientY }, { left, top, width, height }) {
  const share = (value, low, length) => Math.min(1, Math.max(0, (value - low) / length))
  return [share(clientX, left, width), share(clientY, top, height)]
}

// left, top, right and bottom of the box between two corners
export function between(a, b) {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])]
}

export function isClick([left, top, right, bottom], { width, height }) {
  return (right - left) * width < MIN_SIDE || (bottom - top) * height < MIN_SIDE
}

function show(box, [left, top, right, bottom]) {
  box.style.left = `${100 * left}%`
  box.style.top = `${100 * top}%`
  box.style.width = `${100 * (right - left)}%`
  box.style.height = `${100 * (bottom - top)}%`
}
