// A picture on which one drags a box; Python hears its corners as shares of width and height (trigger "drawn").
const LEAST = 12 // pixels on the screen: less is a click, not a box

export default function ({ data, parentElement, setTriggerValue }) {
  const stage = parentElement.querySelector(".stage")
  const picture = parentElement.querySelector("img")
  const box = parentElement.querySelector(".box")
  stage.setAttribute("aria-label", data.label)
  stage.style.aspectRatio = `${data.width} / ${data.height}`
  stage.style.maxWidth = `min(100%, ${data.width}px, calc(46vh * ${data.width / data.height}))`
  if (picture.src !== data.src) picture.src = data.src
  show(box, data.box)

  let start = null
  const place = (event) => {
    const area = stage.getBoundingClientRect()
    const share = (value, low, length) => Math.min(1, Math.max(0, (value - low) / length))
    return [share(event.clientX, area.left, area.width), share(event.clientY, area.top, area.height)]
  }
  const between = (a, b) => [
    Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1]),
  ]
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
    const area = stage.getBoundingClientRect()
    start = null
    if ((drawn[2] - drawn[0]) * area.width < LEAST || (drawn[3] - drawn[1]) * area.height < LEAST) {
      show(box, data.box)
    } else {
      setTriggerValue("drawn", drawn)
    }
  }
  stage.onpointercancel = () => {
    start = null
    show(box, data.box)
  }
}

function show(box, [left, top, right, bottom]) {
  box.style.left = `${100 * left}%`
  box.style.top = `${100 * top}%`
  box.style.width = `${100 * (right - left)}%`
  box.style.height = `${100 * (bottom - top)}%`
}
