import type { EnvironmentFact } from '../../machines';

interface Target {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
}

const ASLEEP = { type: 'environment.asleep' } as const;
const AWAKE = { type: 'environment.awake' } as const;
const CHANGED = { type: 'network.changed' } as const;
const RESUMED = { type: 'page.resumed' } as const;

/**
 * Reports changes of the network and of the page's visibility. Outside a browser it reports nothing.
 *
 * @returns a function that stops it.
 */
export function watchEnvironment(report: (fact: EnvironmentFact) => void): () => void {
  const { navigator, document } = globalThis;
  /** The Network Information API: only Chromium has it. */
  const connection: Target | undefined = Reflect.get(navigator ?? {}, 'connection');
  const sources: [Target | undefined, string, EnvironmentFact[]][] = [
    [globalThis, 'offline', [ASLEEP]],
    [globalThis, 'online', [AWAKE, CHANGED]],
    [connection, 'change', [CHANGED]],
    [globalThis, 'pageshow', [RESUMED]],
    [document, 'visibilitychange', [RESUMED]],
    [document, 'freeze', [ASLEEP]],
    // In this order, so that deadlines that expired while the page was frozen start again before recovery goes on.
    [document, 'resume', [{ ...RESUMED, slept: true }, AWAKE]],
  ];
  const stops = sources.map(([target, event, facts]) => {
    const listener = () => {
      // `visibilitychange` also fires when the page is hidden.
      if (event !== 'visibilitychange' || !document.hidden) facts.forEach(report);
    };
    target?.addEventListener?.(event, listener);
    return () => target?.removeEventListener?.(event, listener);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
