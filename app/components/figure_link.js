// A button that scrolls the page to a figure, below the panel that stays at the top.
const GAP = 16 // pixels between the panel and the figure

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = () => {
    const figure = document.querySelector(data.figure)
    if (figure) scrollTo(figure, document.querySelector(data.panel))
  }
}

export function scrollTo(figure, panel) {
  const { bottom, height } = panel.getBoundingClientRect()
  const stays = getComputedStyle(panel.parentElement).position === "sticky"
  const main = figure.closest('[data-testid="stMain"]')
  const above = main.getBoundingClientRect().top + (stays ? Math.min(height, bottom) : 0) + GAP
  main.scrollBy({ top: figure.getBoundingClientRect().top - above, behavior: "smooth" })
}
