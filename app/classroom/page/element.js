// Elements of the page, and groups of buttons in which the arrow keys move.

// element("button", { className: "x", onclick }, "text", child)
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value)
    else made[name] = value
  }
  made.append(...children)
  return made
}

export function byId(id) {
  return document.getElementById(id)
}

// Only one button of a group is a tab stop; the arrow keys go to its neighbours. `columns()` is the width of the grid.
export function moveByArrows(group, columns) {
  const buttons = () => [...group.querySelectorAll("button")]
  group.addEventListener("focusin", (event) => {
    for (const each of buttons()) each.tabIndex = each === event.target ? 0 : -1
  })
  group.addEventListener("keydown", (event) => {
    const all = buttons()
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() }[event.key]
    const next = all[all.indexOf(document.activeElement) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  })
}

// the number of columns in which a grid of the style sheet stands at present
export function columnsOf(group) {
  return getComputedStyle(group).gridTemplateColumns.split(" ").length
}
