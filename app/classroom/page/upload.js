// An image of the user's own: from the file dialog, dropped, or pasted.
import { byId } from "./element.js"
import { decode } from "./pixels.js"
import { showCropper } from "./cropper.js"
import { NOT_AN_IMAGE } from "./texts.js"

// calls onImage(bitmap, box) after the user has confirmed the box
export function startUpload(onImage) {
  const [zone, input, error] = [byId("upload"), byId("file"), byId("upload-error")]
  const open = async (file) => {
    error.textContent = ""
    try {
      const bitmap = await decode(file)
      showCropper(byId("crop"), bitmap, (box) => onImage(bitmap, box))
    } catch {
      error.textContent = NOT_AN_IMAGE
    }
  }
  input.onchange = () => {
    if (input.files.length) open(input.files[0])
    input.value = "" // the same file may be chosen again
  }
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) open(event.clipboardData.files[0])
  })
  // anywhere on the page: a file that is dropped beside the zone would replace the page
  document.addEventListener("dragover", (event) => {
    event.preventDefault()
    zone.classList.add("over")
  })
  document.addEventListener("dragleave", () => zone.classList.remove("over"))
  document.addEventListener("drop", (event) => {
    event.preventDefault()
    zone.classList.remove("over")
    if (event.dataTransfer.files.length) open(event.dataTransfer.files[0])
  })
}
