/** Runs in a page as `window.bareEnds`: bare ends of any number of pairs, by name. */

import { type BareEnd, createBareEnd, type EndOptions } from './bare-end';

const ends = new Map<string, BareEnd>();

const endOf = (name: string) => {
  const end = ends.get(name);
  if (!end) throw new Error(`no end ${name}`);
  return end;
};

const bench = {
  make(name: string, options: EndOptions): void {
    ends.set(
      name,
      createBareEnd((configuration) => new RTCPeerConnection(configuration), options),
    );
  },
  run: (name: string, method: keyof BareEnd, args: readonly unknown[]): unknown =>
    Reflect.apply(endOf(name)[method], undefined, args),
  drop(name: string): void {
    endOf(name).close();
    ends.delete(name);
  },
};

declare global {
  interface Window {
    bareEnds: typeof bench;
  }
}

window.bareEnds = bench;
