const SVG = 'http://www.w3.org/2000/svg';

type Child = Node | string | null | false;
/** Attributes by name. `false` and null omit one, `true` sets it without a value. A function listens to the event of that name. */
type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>
>;

function fill<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

export const html = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] => fill(document.createElement(tag), attributes, children);

export const svg = <Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] => fill(document.createElementNS(SVG, tag), attributes, children);

/** @throws if the page has no such element. */
export function byId<E extends Element>(id: string, type: new (...args: never[]) => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/** Like the next functions, writes to the page only if something has changed. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function show(element: HTMLElement | SVGElement, isShown: boolean): void {
  if (element.hasAttribute('hidden') === isShown) element.toggleAttribute('hidden', !isShown);
}

/** A time of day. Narrow screens hide its hour. */
export const timeElement = (clock: string): HTMLElement =>
  html('span', { class: 'time' }, html('span', { class: 'hour' }, clock.slice(0, 3)), clock.slice(3));
