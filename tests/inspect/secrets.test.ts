import { createRecorder, type Recorder } from 'holdfast/inspect';
import { PRESETS } from 'holdfast/machines';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createActor, createMachine, fromCallback, setup } from 'xstate';
import { pass } from '../contract/players';
import { connectRecorded } from './recorded';

/** One of each kind, all of them secret. */
const SECRETS = {
  ipv4: '203.0.113.77',
  ipv6: '2001:db8:85a3::8a2e:370:7334',
  linkLocal: 'fe80::1ff:fe23:4567:890a',
  mdns: '1f4712db-ea17-4bcf-a596-105139dfd8bf.local',
  candidate: 'candidate:842163049 1 udp 1677729535 198.51.100.4 46154 typ srflx raddr 10.0.0.7 rport 60769',
  sdp: 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\na=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8g\r\n',
  ufrag: 'ufrag F7gIplanted',
  pwd: 'ice-pwd:x9cmlplantedYzichV2',
  fingerprint:
    'D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F',
  turnUrl: 'turn:planted.example.org:3478?transport=udp',
  turnUser: '1893456000:planted-player',
  named: 'credential=planted-credential-1',
  header: 'Authorization: Bearer planted.jwt.value',
} as const;
const PLANTED =
  /203\.0\.113|2001:db8|fe80::|1f4712db|198\.51\.100|10\.0\.0\.7|F7gI|x9cml|D2:FA|planted|candidate:|v=0/;
const ALL = Object.values(SECRETS).join(' | ');

const everythingOf = (recorder: Recorder) => recorder.toNdjson() + recorder.toCsv() + recorder.label;

/** A machine in place of the connection, with a secret in each place that a machine has. */
function plantedMachine() {
  const outage = createMachine({
    id: 'outage',
    context: ({ input }) => ({ isAsked: ALL, input }),
    description: ALL,
    initial: 'none',
    states: { none: { on: { asked: { actions: { type: ALL } } } } },
  });
  return setup({
    actors: { outage, peer: fromCallback(() => {}) },
    guards: { [ALL]: () => true },
    actions: { [ALL]: () => {}, leak: () => {} },
  }).createMachine({
    id: ALL,
    description: ALL,
    meta: { ALL },
    context: ({ input }) => ({
      [ALL]: ALL,
      iceServers: [{ urls: SECRETS.turnUrl, username: SECRETS.turnUser, credential: 'planted' }],
      cause: ALL,
      attempts: ALL,
      plan: { kind: ALL, delayMs: ALL, note: ALL },
      evidence: { remote: ALL, path: ALL, address: SECRETS.ipv4, [ALL]: ALL },
      failure: {
        reason: 'peer-silent',
        advice: ALL,
        cause: ALL,
        evidence: { channel: ALL, sdp: SECRETS.sdp },
      },
      input,
    }),
    invoke: [
      { id: 'outage', src: 'outage', input: { graceMs: ALL, credential: 'planted' } },
      { id: 'peer', src: 'peer', input: { iceServers: ALL } },
    ],
    initial: 'new',
    states: {
      new: {
        meta: { [ALL]: ALL },
        tags: [ALL],
        on: {
          'peer.learned': { actions: [{ type: 'leak', params: { ALL } }], description: ALL },
          [SECRETS.ipv4]: { guard: ALL, actions: ALL },
          restart: 'over',
        },
      },
      over: { entry: ALL },
    },
  });
}

function recordPlanted(): Recorder {
  const recorder = createRecorder({ label: `me at ${ALL}` });
  const actor = createActor(plantedMachine(), {
    input: { timings: { ...PRESETS.default, [ALL]: ALL }, browser: ALL, relayOnly: ALL, turnCredential: ALL },
    inspect: recorder.inspect,
  });
  actor.subscribe({ error: () => {} });
  actor.start();
  onTestFinished(() => void actor.stop());
  const send = (event: object) => actor.send(Object.assign({ type: '' }, event));
  send({ type: 'peer.learned', evidence: { remote: ALL, path: ALL, sdp: SECRETS.sdp }, sdp: SECRETS.sdp });
  send({ type: SECRETS.ipv4, candidate: SECRETS.candidate });
  send({ type: ALL });
  send({ type: 'xstate.done.actor.peer', output: ALL });
  send({ type: 'restart', offer: ALL, silentForMs: ALL, failure: { reason: ALL, advice: ALL } });
  send({ type: 'xstate.error.actor.peer', error: Object.assign(new Error(ALL), { name: ALL }) });
  return recorder;
}

describe('a secret in a machine', () => {
  it('reaches no record: events, context, inputs, definitions, errors, labels', () => {
    const recorder = recordPlanted();
    expect(recorder.records.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['session', 'event', 'transition']),
    );
    expect(everythingOf(recorder)).not.toMatch(PLANTED);
  });

  it('is dropped, not only redacted: a record has only its documented members', () => {
    const { records } = recordPlanted();
    const learned = records.find((record) => record.kind === 'event' && record.event.type === 'peer.learned');
    expect(learned).toMatchObject({
      event: { type: 'peer.learned', evidence: { remote: 'unknown', path: 'unknown' } },
    });
    expect(learned?.kind === 'event' && Object.keys(learned.event)).toEqual(['type', 'evidence']);
    const rest = records.find((record) => record.kind === 'transition' && record.machine === 'connection');
    expect(rest?.kind === 'transition' && Object.keys(rest.context)).toEqual([
      'evidence',
      'attempts',
      'outageAttempts',
      'plan',
      'cause',
      'failure',
    ]);
    expect(rest).toMatchObject({
      context: {
        failure: { advice: 'The other player did not answer. Their page is probably closed.', cause: null },
      },
    });
  });
});

describe('a recorder with the words of a game', () => {
  it.each(Object.entries(SECRETS))('keeps no %s in a mark', (_name, secret) => {
    const recorder = createRecorder();
    recorder.mark(`fault: ${secret} was cut off`);
    recorder.mark(secret);
    expect(everythingOf(recorder)).not.toMatch(PLANTED);
  });

  it.each([
    'credentials.expiring',
    'fault: all packets are dropped',
    'episode 3 ended at 12:30:05',
    'rtt 1.5 ms, v1.2.3',
  ])('keeps the innocent words %j', (text) => {
    const recorder = createRecorder();
    recorder.mark(text);
    expect(recorder.records.at(-1)).toMatchObject({ text });
  });

  it('keeps no secret that was named with hide()', () => {
    const recorder = createRecorder();
    recorder.hide('correct horse battery');
    recorder.mark('joined with correct horse battery');
    expect(recorder.records.at(-1)).toMatchObject({ text: 'joined with [redacted]' });
  });

  it('keeps none of the credentials of the manager that it watches', async () => {
    const { recorder } = await connectRecorded({
      iceServers: [{ urls: 'turn:relay.example.org', username: 'wilhelmina', credential: 'planted-word' }],
    });
    recorder.mark('wilhelmina plays with planted-word');
    expect(recorder.records.at(-1)).toMatchObject({ text: '[redacted] plays with [redacted]' });
  });
});

describe('a real session', () => {
  it('contains no address, description or credential, whatever was signalled', async () => {
    const { recorder, world } = await connectRecorded({
      turnUsername: 'planted-user',
      turnCredential: 'planted-word',
    });
    world.network.cut();
    await pass(12_000);
    world.network.heal();
    await pass(3_000);
    const passed = JSON.stringify(world.relay.signals);
    expect(passed).toMatch(/candidate:/);
    expect(passed).toMatch(/ice-ufrag/);
    const text = everythingOf(recorder);
    expect(text).not.toMatch(/planted|candidate:|ufrag|a=|\d+\.\d+\.\d+\.\d+|\.local/);
    const ufrags = [...passed.matchAll(/ice-ufrag:([\w+/]+)/g)].map(([, ufrag]) => String(ufrag));
    expect(ufrags.length).toBeGreaterThan(0);
    for (const ufrag of ufrags) expect(text).not.toContain(ufrag);
  });
});
