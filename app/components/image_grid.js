// A grid of images of people. A click on an image sends its id to Python (trigger "picked"), or opens its href in a new
// tab. A line may mark the place before an image ("cut"). A click on the link to an explanation below an image sends the
// id, too (trigger "why"); opened in another tab, the link works by itself.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".crops")
  grid.className = `crops ${data.layout}`
  grid.setAttribute("aria-label", data.label)
  const before = new Map([...grid.children].map((child) => [child.dataset.content, child]))
  grid.replaceChildren(
    ...data.crops.map((crop) => before.get(JSON.stringify(crop)) ?? draw(crop)), // unchanged crops do not flicker
  )
  for (const card of grid.querySelectorAll("button.crop")) {
    card.onclick = () => setTriggerValue("picked", card.dataset.id)
  }
  for (const why of grid.querySelectorAll(".why")) {
    why.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      setTriggerValue("why", why.dataset.id)
    }
  }
}

function draw(crop) {
  const card = drawCard(crop)
  const content = JSON.stringify(crop)
  card.dataset.content = content
  if (!crop.why && !crop.cut) return card
  const cell = element("div", "cell")
  cell.dataset.content = content
  if (crop.cut) cell.append(drawLine(crop.cut))
  cell.append(card)
  if (crop.why) cell.append(drawLink(crop))
  return cell
}

function drawLine(text) {
  const line = element("span", "cut")
  line.title = text
  line.setAttribute("role", "note")
  line.setAttribute("aria-label", text)
  return line
}

function drawLink(crop) {
  const why = element("a", "why", crop.explain)
  why.href = crop.why
  why.dataset.id = crop.id
  why.title = crop.explain_title
  why.setAttribute("aria-label", why.title)
  return why
}

function drawCard(crop) {
  const card = element(crop.href ? "a" : crop.id ? "button" : "div", `crop ${crop.mark}`)
  card.title = crop.title
  if (!crop.href && !crop.id) {
    card.setAttribute("role", "img")
    card.setAttribute("aria-label", crop.title)
  }
  if (crop.href) {
    card.href = crop.href
    card.target = "_blank"
    card.rel = "noopener"
  }
  if (crop.id) {
    card.type = "button"
    card.dataset.id = crop.id
  }
  const frame = element("span", "frame")
  const image = element("img", "")
  image.src = crop.src
  image.alt = card.tagName === "DIV" ? "" : crop.title // names a link or a button; texts repeat a part of it
  frame.append(image)
  if (crop.rank) frame.append(element("span", "rank", crop.rank))
  if (crop.symbol) frame.append(element("span", "symbol", crop.symbol))
  if (crop.chance) frame.append(element("span", "chance", crop.chance))
  card.append(frame)
  if (crop.left || crop.right) {
    const line = element("span", "line")
    line.append(element("b", "", crop.left), element("span", "", crop.right))
    card.append(line)
  }
  if (crop.below) card.append(element("span", "below", crop.below))
  for (const text of card.querySelectorAll("span:not(.frame)")) text.setAttribute("aria-hidden", "true")
  return card
}

function element(kind, name, text = "") {
  const made = document.createElement(kind)
  made.className = name
  made.textContent = text
  return made
}
