// The probe, the gallery and the model of a page, and a button that copies the address of the page.
const SHOWN_MS = 2000 // how long the button confirms the copy

export default function ({ data, parentElement }) {
  const image = parentElement.querySelector("img")
  image.hidden = !data.src
  if (data.src && image.src !== data.src) image.src = data.src

  const list = parentElement.querySelector("dl")
  list.setAttribute("aria-label", data.label)
  list.replaceChildren(...data.facts.map(fact))

  const button = parentElement.querySelector("button")
  button.title = data.help
  button.textContent = data.copy
  button.onclick = async () => {
    await copy(window.location.href)
    button.textContent = data.copied
    setTimeout(() => (button.textContent = data.copy), SHOWN_MS)
  }
}

function fact([name, value]) {
  const row = document.createElement("div")
  for (const [tag, text] of [["dt", name], ["dd", value]]) {
    const cell = document.createElement(tag)
    cell.textContent = text
    row.append(cell)
  }
  return row
}

// the clipboard is closed to pages that come neither by HTTPS nor from this computer
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement("textarea")
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}
