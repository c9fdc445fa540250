import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** WCAG 2, level AA, for text of any size, and for graphics. */
const LEAST = 4.5;
const LEAST_DRAWN = 3;

const style = readFileSync(new URL('../src/style.css', import.meta.url), 'utf8');

/** The values of each colour of the style sheet in both themes, by name. */
const COLOURS = new Map(
  [...style.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

const TONES = ['good', 'warn', 'bad', 'calm', 'off'];

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  it.each([
    ...['text', 'muted', 'faint', 'accent', ...TONES].flatMap((words) => [
      [words, 'panel'],
      [words, 'raised'],
    ]),
    ...TONES.map((tone) => [tone, `${tone}-wash`]),
    ['text', 'calm-wash'],
    ['muted', 'calm-wash'],
  ])('makes %s text readable on %s', (words, ground) => {
    const of = (name: string) => COLOURS.get(name)?.[theme] ?? '';
    expect(contrast(of(words), of(ground))).toBeGreaterThanOrEqual(LEAST);
  });

  it.each(['panel', 'raised'])('makes boxes, arrows and fields visible on %s', (ground) => {
    const of = (name: string) => COLOURS.get(name)?.[theme] ?? '';
    expect(contrast(of('edge'), of(ground))).toBeGreaterThanOrEqual(LEAST_DRAWN);
  });
});

describe('the style sheet', () => {
  it('makes no text transparent except that of a disabled button', () => {
    const faded = [...style.matchAll(/([^{}]+)\{[^{}]*\bopacity: 0?\.\d+;/g)].map(([, selector = '']) =>
      selector.trim(),
    );
    expect(faded).toEqual(['button:disabled', '.picture[aria-busy]']);
  });
});
