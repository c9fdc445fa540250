import { describe, expect, it } from 'vitest';
import { Emitter } from '../../src/emitter';

const startEmitter = () => {
  const thrown: unknown[] = [];
  const heard: string[] = [];
  const emitter = new Emitter<{ word: [string]; end: [] }>(
    (error) => thrown.push(error),
    () => null,
  );
  return { emitter, thrown, heard };
};

describe('the emitter', () => {
  it('calls each listener, in order, until it is removed', () => {
    const { emitter, heard } = startEmitter();
    const stop = emitter.on('word', (word) => heard.push(`first ${word}`));
    emitter.on('word', (word) => heard.push(`second ${word}`));
    emitter.emit('word', 'a');
    stop();
    stop();
    emitter.emit('word', 'b');
    emitter.emit('end');
    expect(heard).toEqual(['first a', 'second a', 'second b']);
  });

  it('calls the other listeners when one throws', () => {
    const { emitter, heard, thrown } = startEmitter();
    const error = new Error('of a game');
    emitter.on('end', () => {
      throw error;
    });
    emitter.on('end', () => heard.push('told'));
    emitter.emit('end');
    expect([heard, thrown]).toEqual([['told'], [error]]);
  });

  it('calls a listener that is added during an event from the next event on', () => {
    const { emitter, heard } = startEmitter();
    emitter.on('end', () => void emitter.on('end', () => heard.push('late')));
    emitter.emit('end');
    expect(heard).toEqual([]);
    emitter.emit('end');
    expect(heard).toEqual(['late']);
  });
});
