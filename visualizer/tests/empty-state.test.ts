import { describe, expect, it } from 'vitest';
import { gameBeside } from '../src/app/empty-state';

describe('the page without a link', () => {
  it.each([
    ['http://localhost:3000/visualizer/', 'http://localhost:3000/'],
    ['https://games.example.org/duel/visualizer/index.html?game=x', 'https://games.example.org/duel/'],
    ['http://localhost:5173/', null],
    ['http://localhost:5173/?game=x', null],
    ['file:///home/reader/visualizer/dist/index.html', null],
  ])('links to the game beside it, if one is served: %s', (page, game) => {
    expect(gameBeside(page)).toBe(game);
  });
});
