// An image to draw boxes on, by pointer or keyboard. Each change sends all boxes to Python (trigger "drawn"). A box is
// [left, top, right, bottom], relative to width and height.
const MIN_SIDE = 12 // pixels on the screen; a smaller drawn box is a click
const STEP = 0.01 // of the width or height, for each press of an arrow key
const PAUSE_MS = 500 // after the last key, before the boxes are sent
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"]
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }

export default function ({ data, parentElement, setTriggerValue }) {
  const stage = parentElement.querySelector(".stage")
  const image = parentElement.querySelector("img")
  const status = parentElement.querySelector(".status")
  const add = parentElement.querySelector(".add")
  const remove = parentElement.querySelector(".delete")
  // between two calls: the shown boxes, the selected one, whether it is only proposed, a drag, a timer of keys
  const editor = (stage.editor ??= { boxes: [], chosen: 0, proposed: false, drag: null, timer: null })
  if (!editor.drag && !editor.timer && !editor.proposed) editor.boxes = data.boxes
  stage.setAttribute("aria-label", data.label)
  stage.style.aspectRatio = `${data.width} / ${data.height}`
  stage.style.maxWidth = `min(100%, ${data.width}px, calc(50vh * ${data.width / data.height}))`
  if (image.src !== data.src) image.src = data.src
  add.textContent = data.texts.add
  remove.textContent = data.texts.remove
  show()

  const place = (event) => shares(event, stage.getBoundingClientRect())
  stage.onpointerdown = (event) => {
    const { box, handle } = event.target?.dataset ?? {}
    const kind = handle ? "resize" : box ? "move" : "draw"
    if (box) editor.chosen = Number(box)
    editor.drag = { kind, handle, start: place(event), before: editor.boxes, chosen: Math.min(editor.chosen, editor.boxes.length) }
    stage.setPointerCapture(event.pointerId)
    event.preventDefault()
    show()
  }
  stage.onpointermove = (event) => {
    if (editor.drag) follow(event)
  }
  stage.onpointerup = (event) => {
    if (!editor.drag) return
    follow(event)
    const { kind, start, before, chosen } = editor.drag
    editor.drag = null
    const drawn = editor.boxes[chosen]
    if (kind === "draw" && isClick(drawn, stage.getBoundingClientRect())) editor.boxes = before
    else if (kind === "draw" || !same(start, place(event))) send()
    show()
    boxesOf(stage)[editor.chosen]?.focus()
  }
  stage.onpointercancel = () => {
    if (editor.drag) editor.boxes = editor.drag.before
    editor.drag = null
    show()
  }
  stage.onkeydown = (event) => {
    const { box } = event.target?.dataset ?? {}
    const arrow = ARROWS[event.key]
    if (!box) {
      if (!editor.boxes.length && (arrow || event.key === "Enter" || event.key === " ")) propose()
      else return
    } else if (arrow) {
      const chosen = (editor.chosen = Number(box))
      const moved = event.shiftKey ? resized(editor.boxes[chosen], "se", arrow, minimum()) : moveBy(editor.boxes[chosen], arrow)
      replace(chosen, moved)
      clearTimeout(editor.timer)
      editor.timer = setTimeout(send, PAUSE_MS)
      show()
    } else if (event.key === "Enter") send()
    else if (event.key === "Delete" || event.key === "Backspace") removeChosen()
    else return
    event.preventDefault()
  }
  stage.onfocusin = (event) => {
    const { box } = event.target?.dataset ?? {}
    if (!box || editor.drag || editor.chosen === Number(box)) return
    editor.chosen = Number(box)
    show()
  }
  add.onclick = propose
  remove.onclick = removeChosen

  function follow(event) {
    const { kind, handle, start, before, chosen } = editor.drag
    const end = place(event)
    const by = [end[0] - start[0], end[1] - start[1]]
    if (kind === "draw") replace(chosen, between(start, end))
    else if (kind === "move") replace(chosen, moveBy(before[chosen], by))
    else replace(chosen, resized(before[chosen], handle, by, minimum()))
    editor.chosen = chosen
    show()
  }

  // a box to move: it is sent when it is moved, resized or confirmed by Enter
  function propose() {
    if (editor.boxes.length >= data.most) return
    editor.boxes = [...editor.boxes, data.first]
    editor.chosen = editor.boxes.length - 1
    editor.proposed = true
    show()
    boxesOf(stage)[editor.chosen].focus()
  }

  function removeChosen() {
    editor.boxes = editor.boxes.filter((_, number) => number !== editor.chosen)
    editor.chosen = 0
    send()
    ;(boxesOf(stage)[0] ?? stage).focus()
  }

  function replace(chosen, box) {
    editor.boxes = [...editor.boxes.slice(0, chosen), box, ...editor.boxes.slice(chosen + 1)]
  }

  function send() {
    clearTimeout(editor.timer)
    editor.timer = null
    editor.proposed = false
    setTriggerValue("drawn", editor.boxes)
    show()
  }

  function minimum() {
    const { width, height } = stage.getBoundingClientRect()
    return [MIN_SIDE / width, MIN_SIDE / height]
  }

  function show() {
    const { boxes } = editor
    const shown = boxesOf(stage)
    for (const old of shown.slice(boxes.length)) old.remove()
    boxes.forEach((box, number) => {
      const card = shown[number] ?? drawBox(stage, number)
      const label = describe(data.texts.box, box, number + 1, boxes.length)
      const chosen = number === editor.chosen
      card.className = `box${chosen ? " chosen" : ""}${chosen && editor.proposed ? " proposed" : ""}`
      card.setAttribute("aria-label", label)
      outline(card, box)
      if (chosen && status.textContent !== label) status.textContent = label
    })
    if (!boxes.length) status.textContent = ""
    stage.className = `stage${boxes.length === 1 ? " one" : ""}`
    add.disabled = !boxes.length || boxes.length >= data.most || editor.proposed
    remove.disabled = !boxes.length
  }
}

// a pointer's position relative to the width and height of an area; outside, the nearest edge
export function shares({ clientX, clientY }, { left, top, width, height }) {
  const share = (value, low, length) => clamp((value - low) / length, 0, 1)
  return [share(clientX, left, width), share(clientY, top, height)]
}

// left, top, right and bottom of the box between two corners
export function between(a, b) {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])]
}

// a box of the same size, inside the image
export function moveBy([left, top, right, bottom], [dx, dy]) {
  const across = clamp(dx, -left, 1 - right)
  const down = clamp(dy, -top, 1 - bottom)
  return [left + across, top + down, right + across, bottom + down]
}

// a box whose edges at a handle ("n", "se", ...) are moved, inside the image and not smaller than the minimum
export function resized([left, top, right, bottom], handle, [dx, dy], [width, height]) {
  if (handle.includes("w")) left = Math.max(0, Math.min(left + dx, right - width))
  if (handle.includes("e")) right = Math.min(1, Math.max(right + dx, left + width))
  if (handle.includes("n")) top = Math.max(0, Math.min(top + dy, bottom - height))
  if (handle.includes("s")) bottom = Math.min(1, Math.max(bottom + dy, top + height))
  return [left, top, right, bottom]
}

export function isClick([left, top, right, bottom], { width, height }) {
  return (right - left) * width < MIN_SIDE || (bottom - top) * height < MIN_SIDE
}

// the text for a box, with percentages of the image for its {left}, {top}, {width} and {height}
export function describe(text, [left, top, right, bottom], number, count) {
  const percent = (share) => Math.round(100 * share)
  const values = { number, count, left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) }
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name])
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value))
}

function same(a, b) {
  return a[0] === b[0] && a[1] === b[1]
}

function boxesOf(stage) {
  return [...stage.querySelectorAll(".box")]
}

function drawBox(stage, number) {
  const card = document.createElement("div")
  card.dataset.box = String(number)
  card.tabIndex = 0
  card.setAttribute("role", "application") // so that a screen reader passes the arrow keys on
  for (const name of HANDLES) {
    const handle = document.createElement("i")
    handle.className = `handle ${name}`
    handle.dataset.box = String(number)
    handle.dataset.handle = name
    card.append(handle)
  }
  stage.append(card)
  return card
}

function outline(card, [left, top, right, bottom]) {
  card.style.left = `${100 * left}%`
  card.style.top = `${100 * top}%`
  card.style.width = `${100 * (right - left)}%`
  card.style.height = `${100 * (bottom - top)}%`
}
