type Child = Node | string | null;

/** Creates an element: `html('li', 'live', 'text')`. Null children are omitted. */
export function html<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function find<Kind extends Element>(id: string, Kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof Kind)) throw new Error(`no #${id} in the page`);
  return found;
}

export function button(text: string, press: () => void): HTMLButtonElement {
  const made = html('button', '', text);
  made.type = 'button';
  made.addEventListener('click', press);
  return made;
}
