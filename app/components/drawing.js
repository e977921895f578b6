// A drawing as SVG, which takes the colours and the font of the theme. Python draws it from constants and numbers.
export default function ({ data, parentElement }) {
  const stage = parentElement.querySelector(".drawing")
  if (stage.innerHTML !== data.svg) stage.innerHTML = data.svg
}
