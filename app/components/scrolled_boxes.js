// Formulas and tables that are wider than their box scroll in it; the arrow keys scroll a box that has the focus.
const BOXES = ".katex-display, [data-testid=stTable] > div"

export default function ({ data }) {
  let asked = 0
  const look = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0
      document.querySelectorAll(BOXES).forEach((box) => update(box, data.label))
    })
  }
  const changes = new MutationObserver(look)
  changes.observe(document.body, { childList: true, subtree: true })
  window.addEventListener("resize", look)
  look()
  return () => {
    changes.disconnect()
    window.removeEventListener("resize", look)
    cancelAnimationFrame(asked)
  }
}

// let a box that scrolls have the focus, and no other
export function update(box, label) {
  if (box.scrollWidth > box.clientWidth === box.hasAttribute("tabindex")) return
  if (box.hasAttribute("tabindex")) {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name)
    return
  }
  box.tabIndex = 0
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", label)
}
