/** Texts that have changed since they were last measured. */
const unmeasured = new Set<SVGTextElement>();
/** Widths in px by class and text. They are cached because measuring makes the page lay everything out. */
const widths = new Map<string, number>();

/** Writes a text to the page if it has changed. */
export function write(text: SVGTextElement, content: string): void {
  if (text.textContent === content) return;
  text.textContent = content;
  if (text.dataset.room !== undefined) unmeasured.add(text);
}

/** Marks all texts of a new drawing to be measured. */
export function noteTexts(element: SVGElement): void {
  for (const text of element.querySelectorAll<SVGTextElement>('text[data-room]')) unmeasured.add(text);
}

function widthOf(text: SVGTextElement): number {
  const key = `${text.getAttribute('class')} ${text.textContent}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  text.removeAttribute('textLength');
  const width = text.getComputedTextLength();
  widths.set(key, width);
  return width;
}

/** Squeezes texts that are too wide, because the font is wider than expected. Call it after all texts are written. */
export function fitTexts(): void {
  for (const text of unmeasured) {
    const room = text.dataset.room ?? '';
    if (widthOf(text) <= Number(room)) text.removeAttribute('textLength');
    else {
      text.setAttribute('textLength', room);
      text.setAttribute('lengthAdjust', 'spacingAndGlyphs');
    }
  }
  unmeasured.clear();
}
