import type {
  MachineDefinition,
  RecordBody,
  RecordedContext,
  RecordOf,
  SessionRecord,
  TransitionBody,
} from 'holdfast/inspect';
import { type Failure, PRESETS } from 'holdfast/machines';
import type { PathInfo } from '../../src/stats/path';
import { HEALTHY } from '../support/evidence';

/** The start of the recorder of written records, on the wall clock. */
export const BEGAN_MS = Date.UTC(2026, 0, 1);

/** What is recorded, and when. */
export type Entry = [atMs: number, body: RecordBody];

/** Records written by hand, numbered from 1. */
export const written = (...entries: readonly Entry[]): SessionRecord[] =>
  entries.map(([atMs, body], index) => ({
    v: 1,
    link: 'written',
    seq: index + 1,
    atMs,
    wallMs: BEGAN_MS + atMs,
    ...body,
  }));

export const CONTEXT: RecordedContext = {
  evidence: HEALTHY,
  attempts: 0,
  outageAttempts: 0,
  plan: null,
  cause: null,
  failure: null,
};

export const FAILURE: Failure = {
  reason: 'peer-silent',
  advice: 'The other player did not answer. Their page is probably closed.',
  cause: 'life.silent',
  attempts: 2,
  evidence: HEALTHY,
};

export const PLAN = {
  kind: 'ice-restart',
  delayMs: 500,
  deadlineMs: 8_000,
  renewMs: 2_000,
  isCounted: false,
} satisfies RecordedContext['plan'];

export const DIRECT: PathInfo = {
  connectionType: 'direct',
  localCandidateType: 'host',
  remoteCandidateType: 'srflx',
  localProtocol: 'udp',
  protocol: 'udp',
  relayProtocol: null,
  ipVersion: 4,
};
export const RELAYED: PathInfo = {
  connectionType: 'relay',
  localCandidateType: 'relay',
  remoteCandidateType: 'prflx',
  localProtocol: 'tcp',
  protocol: 'tcp',
  relayProtocol: 'tls',
  ipVersion: 6,
};

const chart = (id: string): MachineDefinition => ({
  id,
  root: {
    key: id,
    path: '',
    type: 'atomic',
    initial: null,
    entry: [],
    exit: [],
    invoke: [],
    arrows: [],
    states: [],
  },
  delays: {},
});

export const SESSION: Extract<RecordBody, { kind: 'session' }> = {
  kind: 'session',
  label: 'player 1',
  library: '0.1.0',
  input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
  policy: 'default',
  machines: { connection: chart('connection'), outage: chart('outage') },
};

type Moved = Extract<TransitionBody, { machine: 'connection' }>;

/** The connection moved from one state to another. */
export const moved = (
  from: string,
  to: string,
  {
    context,
    ...rest
  }: Partial<Pick<Moved, 'event' | 'arrows'>> & { context?: Partial<RecordedContext> } = {},
): Moved => ({
  kind: 'transition',
  machine: 'connection',
  event: 'link.up',
  arrows: [],
  timers: [],
  ...rest,
  from,
  to,
  context: { ...CONTEXT, ...context },
});

/** The outage machine moved from one state to another. */
export const toldOutage = (from: string, to: string, event = 'suspect'): RecordBody => ({
  kind: 'transition',
  machine: 'outage',
  event,
  from,
  to,
  arrows: [],
  timers: [],
  context: { isAsked: false },
});

export const mark = (text: string): RecordBody => ({ kind: 'mark', text });

export const sample = (
  rttMs: number | null,
  status: RecordOf<'sample'>['status'] = 'good',
): Extract<RecordBody, { kind: 'sample' }> => ({ kind: 'sample', rttMs, jitterMs: null, loss: null, status });
