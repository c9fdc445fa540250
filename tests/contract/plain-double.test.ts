/** Connections as a game's own doubles, or an older runtime, have them: each lacks what upstream's manager never asked for. */
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

/** Two players whose browsers are changed so, connected. */
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
  ['that cannot be configured anew', withoutConfiguring],
  ['whose description names no candidates', withoutCandidatesInDescription],
  ['whose description alone names candidates', thatWaitsForItsCandidates],
  ['that throws where it is handed no description', thatThrowsWithoutDescription],
  ['that has no description but the one it was handed', thatSetsWhatItIsGiven],
])('a connection %s', (_, change) => {
  it('connects', async () => {
    const { a, b } = await connectDoubles(change);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('is restarted by either side', async () => {
    const { a, b } = await connectDoubles(change);
    for (const { manager, heard } of [a, b]) {
      expect(await manager.attemptIceRestart()).toBe(true);
      await pass(HANDSHAKE_MS);
      expect(countOf(heard, 'onConnectionRestored')).toBe(1);
    }
  });
});
