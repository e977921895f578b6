// Text with technical terms. A click on a term opens a card with its meaning and a small figure (trigger-free: no rerun).
const EDGE = 8 // pixels between a card and the edge of the window

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".term-text")
  place.classList.toggle("large", data.large)
  place.classList.toggle("list", data.list)
  const paragraphs = data.paragraphs.map((segments) => {
    const made = element("p")
    for (const one of segments) made.append(...segment(one, data.cards))
    return made
  })
  place.replaceChildren(...paragraphs)
}

function segment({ text, kind, term }, cards) {
  if (kind === "term") return withCard(text, term, cards[term])
  const made = element(kind === "strong" ? "strong" : "span")
  made.textContent = text
  return [made]
}

function withCard(text, term, { meaning, figure }) {
  const [button, card] = [element("button", "term"), element("div", "card")]
  button.type = "button"
  button.textContent = text
  button.setAttribute("aria-haspopup", "dialog")
  card.setAttribute("popover", "auto") // the browser closes it at Escape and at a click beside it
  card.setAttribute("role", "dialog")
  card.setAttribute("aria-label", term)
  const [title, drawing, sentences] = [element("strong"), element("div", "drawing"), element("p")]
  title.textContent = term
  drawing.innerHTML = figure // made of constants by Python
  sentences.textContent = meaning
  card.append(title, drawing, sentences)
  button.onclick = () => {
    card.togglePopover()
    const { left, top } = below(button.getBoundingClientRect(), card.getBoundingClientRect(), window)
    Object.assign(card.style, { left: `${left}px`, top: `${top}px` })
  }
  return [button, card]
}

// the corner of a card below its term, or above it if there is no room, inside the window
export function below(term, card, { innerWidth, innerHeight }) {
  const left = Math.max(EDGE, Math.min(term.left, innerWidth - card.width - EDGE))
  const under = term.bottom + EDGE
  const top = under + card.height <= innerHeight ? under : Math.max(EDGE, term.top - card.height - EDGE)
  return { left, top }
}

function element(kind, name = "") {
  const made = document.createElement(kind)
  made.className = name
  return made
}
