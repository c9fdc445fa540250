import { describe, expect, it } from 'vitest';
import { MAX_CANDIDATES_PER_GENERATION, Outbox } from '../../src/peer/outbox';
import type { Delivery } from '../../src/signaling/transport';
import type { Description } from '../../src/signaling/wire';

type DtlsRole = 'actpass' | 'active' | 'passive';

const writtenBy = (origin: string, role: DtlsRole) =>
  [`o=${origin} 1 1 IN IP4 127.0.0.1`, 'a=ice-ufrag:abcd', `a=setup:${role}`, ''].join('\r\n');
const ours = (role: DtlsRole) => writtenBy('-', role);
const ofFirefox = (type: Description['type'], role: DtlsRole): Description => ({
  type,
  from: '2',
  sdp: writtenBy('mozilla...THIS_IS_SDPARTA-153.0', role),
  ufrag: 'abcd',
  fingerprint: 'sha-256 AB',
  member: null,
});

function createOutbox(delivery: Delivery = 'relayed') {
  const sent: unknown[] = [];
  const outbox = new Outbox({
    member: () => ({ version: 1, session: 'page', connection: 1, capabilities: [] }),
    send: async (_, payload) => {
      sent.push(payload);
      return delivery;
    },
  });
  /** The role in our offer when it is sent; the browser writes it as `actpass`. */
  const roleOffered = async () => {
    await outbox.sendDescription(ours('actpass'));
    return /a=setup:(\w+)/.exec(String(Object(sent.at(-1)).sdp))?.[1];
  };
  return { outbox, roleOffered };
}

describe('later offers to a Firefox', () => {
  it('all name the role of our answer: it answers the first as the passive end that it is', async () => {
    const { outbox, roleOffered } = createOutbox();
    outbox.learn(ofFirefox('offer', 'actpass'));
    await outbox.sendDescription(ours('active'), 'abcd');
    expect(await roleOffered()).toBe('active');
    outbox.learn(ofFirefox('answer', 'passive'));
    expect(await roleOffered()).toBe('active');
  });

  it('name the role that its answer left to us, even when it has offered since', async () => {
    const { outbox, roleOffered } = createOutbox();
    expect(await roleOffered()).toBe('actpass');
    outbox.learn(ofFirefox('answer', 'active'));
    outbox.learn(ofFirefox('offer', 'actpass'));
    expect(await roleOffered()).toBe('passive');
  });
});

describe('candidates that signaling refused', () => {
  it('are kept up to what any browser gathers for one generation', async () => {
    const { outbox } = createOutbox('refused');
    for (let found = 0; found < 2 * MAX_CANDIDATES_PER_GENERATION; found += 1)
      await outbox.sendCandidate({ candidate: `candidate:${found}` });
    expect(outbox.unsent.candidates).toHaveLength(MAX_CANDIDATES_PER_GENERATION);
  });
});
