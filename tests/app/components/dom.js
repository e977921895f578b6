// As much of a browser as the components of app/components use: elements, listeners, a canvas, observers, frames.

// node has it from version 19 on
globalThis.CustomEvent ??= class extends Event {
  constructor(kind, options = {}) {
    super(kind, options)
    this.detail = options.detail ?? null
  }
}

export class Element extends EventTarget {
  constructor(kind, box = { left: 0, top: 0, width: 600, height: 400 }) {
    super()
    Object.assign(this, { kind, box, children: [], attributes: {}, style: {}, dataset: {}, textContent: "", className: "" })
    this.classList = {
      contains: (name) => this.className.split(" ").includes(name),
      add: (name) => this.classList.toggle(name, true),
      toggle: (name, on) => {
        const others = this.className.split(" ").filter((one) => one && one !== name)
        this.className = [...others, ...(on ? [name] : [])].join(" ")
      },
    }
  }

  append(...more) {
    for (const one of more) {
      if (typeof one !== "string") one.parent = this
      this.children.push(one)
    }
  }

  replaceChildren(...more) {
    this.children = []
    this.append(...more)
  }

  remove() {
    this.parent.children = this.parent.children.filter((one) => one !== this)
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value)
    if (name === "class") this.className = String(value)
  }

  getAttribute(name) {
    return this.attributes[name] ?? null
  }

  cloneNode() {
    return this
  }

  getBoundingClientRect() {
    return this.box
  }

  get offsetWidth() {
    return 120
  }

  get offsetHeight() {
    return 40
  }

  setPointerCapture() {}

  getRootNode() {
    return this.parent ? this.parent.getRootNode() : this
  }

  focus() {
    this.getRootNode().activeElement = this
  }

  // all below that fit "tag", ".class", "tag.class" or [data-id="..."], or such ones below one another
  querySelectorAll(selector) {
    const [first, ...rest] = selector.split(" ")
    const found = this.below().filter((one) => fits(one, first))
    return rest.length ? found.flatMap((one) => one.querySelectorAll(rest.join(" "))) : found
  }

  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null
  }

  below() {
    return this.children.flatMap((one) => (typeof one === "string" ? [] : [one, ...one.below()]))
  }

  getContext() {
    this.drawn = (this.drawn ?? 0) + 1
    return pen()
  }
}

function fits(one, selector) {
  const id = selector.match(/^\[data-id="(.*)"\]$/)
  if (id) return one.dataset.id === id[1]
  const [kind, ...names] = selector.split(".")
  return (!kind || one.kind === kind) && names.every((name) => one.classList.contains(name))
}

// a canvas's pen that draws nothing
function pen() {
  const known = { createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }) }
  return new Proxy(known, { get: (own, name) => own[name] ?? (name === "fillStyle" ? "#102030" : () => {}) })
}

export function element(kind, name = "", ...children) {
  const made = new Element(kind)
  made.className = name
  made.append(...children)
  return made
}

// the globals of a browser; what is returned counts what was left behind
export function browser() {
  const world = { observed: new Set(), listening: new Set(), frames: [], now: 0 }
  const events = new EventTarget()
  Object.assign(globalThis, {
    document: {
      createElement: (kind) => new Element(kind),
      createElementNS: (_, kind) => new Element(kind),
      querySelector: () => null,
    },
    ResizeObserver: class {
      constructor(heard) {
        this.heard = heard
      }
      observe() {
        world.observed.add(this)
      }
      disconnect() {
        world.observed.delete(this)
      }
    },
    addEventListener: (name, heard, options = {}) => {
      world.listening.add(heard)
      options.signal?.addEventListener("abort", () => world.listening.delete(heard))
      events.addEventListener(name, heard, options)
    },
    dispatchEvent: (event) => events.dispatchEvent(event),
    getComputedStyle: () => ({ getPropertyValue: () => "" }),
    matchMedia: () => ({ matches: false }),
    requestAnimationFrame: (frame) => world.frames.push(frame),
    devicePixelRatio: 1,
    innerHeight: 900,
  })
  Object.defineProperty(performance, "now", { value: () => world.now, configurable: true, writable: true })
  return world
}

export function pointer(x, y, more = {}) {
  return { clientX: x, clientY: y, pointerId: 1, preventDefault() {}, ...more }
}
