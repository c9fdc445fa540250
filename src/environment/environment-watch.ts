/** What happened around the page, as the machine's facts. */
export type EnvironmentFactType =
  | 'network.changed'
  | 'page.resumed'
  | 'environment.awake'
  | 'environment.asleep';

interface Target {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
}

/** Where each event is heard and what it means. `connection` is Chromium's `navigator.connection`. */
const HEARD: readonly ['window' | 'document' | 'connection', string, readonly EnvironmentFactType[]][] = [
  ['window', 'offline', ['environment.asleep']],
  ['window', 'online', ['environment.awake', 'network.changed']],
  ['connection', 'change', ['network.changed']],
  ['window', 'pageshow', ['page.resumed']],
  ['document', 'visibilitychange', ['page.resumed']],
  ['document', 'freeze', ['environment.asleep']],
  ['document', 'resume', ['environment.awake', 'page.resumed']],
];

/**
 * Tells what the browser says of the network and the page. Outside a browser nothing is ever told.
 *
 * @returns its own stop.
 */
export function watchEnvironment(tell: (type: EnvironmentFactType) => void): () => void {
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
