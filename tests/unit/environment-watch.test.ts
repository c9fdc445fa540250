import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EnvironmentFact } from '../../machines';
import { watchEnvironment } from '../../src/environment/environment-watch';

const window = new EventTarget();
const document = new EventTarget();
const connection = new EventTarget();

beforeEach(() => {
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('document', document);
  vi.stubGlobal('navigator', { connection });
});
afterEach(() => void vi.unstubAllGlobals());

const watch = () => {
  const told: EnvironmentFact[] = [];
  return { told, stop: watchEnvironment((fact) => told.push(fact)) };
};

describe('the watch over page and network', () => {
  it.each<[EventTarget, string, EnvironmentFact[]]>([
    [window, 'offline', [{ type: 'environment.asleep' }]],
    [window, 'online', [{ type: 'environment.awake' }, { type: 'network.changed' }]],
    [connection, 'change', [{ type: 'network.changed' }]],
    [window, 'pageshow', [{ type: 'page.resumed' }]],
    [document, 'visibilitychange', [{ type: 'page.resumed' }]],
    [document, 'freeze', [{ type: 'environment.asleep' }]],
    [document, 'resume', [{ type: 'page.resumed', slept: true }, { type: 'environment.awake' }]],
  ])('hears on %o the event %s and reports %j', (target, event, facts) => {
    const { told, stop } = watch();
    target.dispatchEvent(new Event(event));
    expect(told).toEqual(facts);
    stop();
    target.dispatchEvent(new Event(event));
    expect(told).toEqual(facts);
  });

  it('reports a page that is shown, but not one that is hidden', () => {
    const { told, stop } = watch();
    for (const [hidden, facts] of [
      [true, []],
      [false, [{ type: 'page.resumed' }]],
    ]) {
      Object.assign(document, { hidden });
      document.dispatchEvent(new Event('visibilitychange'));
      expect(told).toEqual(facts);
    }
    stop();
  });

  it('reports nothing outside a browser', () => {
    vi.unstubAllGlobals();
    const { told, stop } = watch();
    stop();
    expect(told).toEqual([]);
  });
});
