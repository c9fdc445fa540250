/** Connections of a game's own test doubles, or of an older runtime: each lacks something that upstream's manager never used. */
import { describe, expect, it } from 'vitest';
import { countOf, createPlayer, HANDSHAKE_MS, type Players, pass, startWorld } from './players';

type Change = (pc: RTCPeerConnection) => void;

const withoutConfiguring: Change = (pc) => Reflect.set(pc, 'setConfiguration', undefined);

const withoutCandidatesInDescription: Change = (pc) => {
  const read = () => Reflect.get(Object.getPrototypeOf(pc), 'localDescription', pc);
  const get = () => {
    const { type, sdp } = read() ?? {};
    return sdp ? { type, sdp: sdp.replace(/^a=candidate:.*\r\n/gm, '') } : null;
  };
  Object.defineProperty(pc, 'localDescription', { get });
};

const thatWaitsForItsCandidates: Change = (pc) => {
  const set = pc.setLocalDescription.bind(pc);
  let isDone = () => {};
  let tell: RTCPeerConnection['onicecandidate'] = null;
  pc.setLocalDescription = async (description) => {
    const gathered = new Promise<void>((resolve) => {
      isDone = resolve;
    });
    await set(description);
    if (description?.type !== 'rollback') await gathered;
  };
  Object.defineProperty(pc, 'onicecandidate', {
    set: (listener) => {
      tell = listener;
    },
    get: () => (event: RTCPeerConnectionIceEvent) => {
      if (event.candidate) return;
      isDone();
      tell?.call(pc, event);
    },
  });
};

const thatThrowsWithoutDescription: Change = (pc) => {
  const set = pc.setLocalDescription.bind(pc);
  pc.setLocalDescription = async (description) => {
    if (!description) throw new TypeError('1 argument required');
    await set(description);
  };
};

const thatSetsWhatItIsGiven: Change = (pc) => {
  const read = () => Reflect.get(Object.getPrototypeOf(pc), 'localDescription', pc);
  const set = pc.setLocalDescription.bind(pc);
  let isGiven = false;
  pc.setLocalDescription = async (description) => {
    isGiven = description !== undefined;
    if (description) await set(description);
  };
  Object.defineProperty(pc, 'localDescription', { get: () => (isGiven ? read() : undefined) });
};

/** Two connected players whose browsers have this change. */
async function connectDoubles(change: Change): Promise<Players> {
  const world = startWorld();
  const [a, b] = [world.a, world.b].map((end) => {
    const createPeerConnection = (configuration: RTCConfiguration) => {
      const pc = end.environment.createPeerConnection(configuration);
      change(pc);
      return pc;
    };
    return createPlayer(world, end, { environment: { ...end.environment, createPeerConnection } });
  });
  if (!a || !b) throw new Error('two players');
  void a.manager.connectToPeer(b.end.playerId);
  void b.manager.connectToPeer(a.end.playerId);
  await pass(HANDSHAKE_MS);
  return { world, a, b };
}

describe.each([
  ['without setConfiguration', withoutConfiguring],
  ['whose description contains no candidates', withoutCandidatesInDescription],
  ['that gives its candidates only in its description', thatWaitsForItsCandidates],
  ['whose setLocalDescription throws without a description', thatThrowsWithoutDescription],
  ['that has only the description it was given', thatSetsWhatItIsGiven],
])('a connection %s', (_, change) => {
  it('connects', async () => {
    const { a, b } = await connectDoubles(change);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('is restarted by either end', async () => {
    const { a, b } = await connectDoubles(change);
    for (const { manager, heard } of [a, b]) {
      expect(await manager.attemptIceRestart()).toBe(true);
      await pass(HANDSHAKE_MS);
      expect(countOf(heard, 'onConnectionRestored')).toBe(1);
    }
  });
});
