import type { EnvironmentFact } from '../../machines';

interface Target {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
}

const ASLEEP: EnvironmentFact = { type: 'environment.asleep' };
const AWAKE: EnvironmentFact = { type: 'environment.awake' };
const CHANGED: EnvironmentFact = { type: 'network.changed' };
const RESUMED: EnvironmentFact = { type: 'page.resumed' };

/** Where each event is heard and what it means. `connection` is Chromium's `navigator.connection`. */
const HEARD: readonly ['window' | 'document' | 'connection', string, readonly EnvironmentFact[]][] = [
  ['window', 'offline', [ASLEEP]],
  ['window', 'online', [AWAKE, CHANGED]],
  ['connection', 'change', [CHANGED]],
  ['window', 'pageshow', [RESUMED]],
  ['document', 'visibilitychange', [RESUMED]],
  ['document', 'freeze', [ASLEEP]],
  // First what ran out meanwhile is put right, then recovery may go on.
  ['document', 'resume', [{ ...RESUMED, slept: true }, AWAKE]],
];

/**
 * Tells what the browser says of the network and the page. Outside a browser nothing is ever told.
 *
 * @returns its own stop.
 */
export function watchEnvironment(tell: (fact: EnvironmentFact) => void): () => void {
  const { navigator, document } = globalThis;
  const targets: Record<string, Target | undefined> = {
    window: globalThis,
    document,
    connection: navigator && 'connection' in navigator ? (navigator.connection as Target) : undefined,
  };
  const stops = HEARD.map(([name, event, facts]) => {
    const listener = () => facts.forEach(tell);
    targets[name]?.addEventListener?.(event, listener);
    return () => targets[name]?.removeEventListener?.(event, listener);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
