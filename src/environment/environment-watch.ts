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
 * Tells what the browser says of the network and the page. Outside a browser nothing is ever told.
 *
 * @returns its own stop.
 */
export function watchEnvironment(report: (fact: EnvironmentFact) => void): () => void {
  const { navigator, document } = globalThis;
  /** Chromium alone has it. */
  const connection: Target | undefined = Reflect.get(navigator ?? {}, 'connection');
  const sources: [Target | undefined, string, EnvironmentFact[]][] = [
    [globalThis, 'offline', [ASLEEP]],
    [globalThis, 'online', [AWAKE, CHANGED]],
    [connection, 'change', [CHANGED]],
    [globalThis, 'pageshow', [RESUMED]],
    [document, 'visibilitychange', [RESUMED]],
    [document, 'freeze', [ASLEEP]],
    // In this order: deadlines that ran out in the frozen page are begun anew before recovery goes on.
    [document, 'resume', [{ ...RESUMED, slept: true }, AWAKE]],
  ];
  const stops = sources.map(([target, event, facts]) => {
    const listener = () => {
      // The event also comes when a page is hidden, and then nothing is resumed.
      if (event !== 'visibilitychange' || !document.hidden) facts.forEach(report);
    };
    target?.addEventListener?.(event, listener);
    return () => target?.removeEventListener?.(event, listener);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
