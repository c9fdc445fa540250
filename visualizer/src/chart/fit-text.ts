/** Texts that were written since they were last measured. */
const unmeasured = new Set<SVGTextElement>();
/** Widths in px by look and words: to measure one makes the page lay everything out. */
const widths = new Map<string, number>();

/** Writes to the page only what changed. */
export function write(text: SVGTextElement, content: string): void {
  if (text.textContent === content) return;
  text.textContent = content;
  if (text.dataset.room !== undefined) unmeasured.add(text);
}

/** All words of a new drawing are to be measured. */
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

/** Squeezes what a wider font than expected would push over its edge, after all was written. */
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
