import type {
  Announcement,
  ConnectionContext,
  ConnectionInput,
  Evidence,
  Failure,
  PeerCommand,
  SignalingCommand,
} from '../../machines';
import type { PathInfo } from '../stats/path';

/** The version of the records; what a reader does with another one is in docs/RECORDS.md. */
export const RECORD_VERSION = 1;

/** The two machines of a link: the chart of its states, and what the game is told. */
export type MachineName = 'connection' | 'outage';

export const EVENT_SOURCES = [
  'outside',
  'self',
  'connection',
  'outage',
  'peer',
  'signaling',
  'environment',
  'stats',
  'path',
  'heartbeat',
] as const;

/** Who sent an event: `outside` is the controller (wishes of the game, facts of peer and signals), `self` a delay, the rest an actor. */
export type EventSource = (typeof EVENT_SOURCES)[number];

/** One arrow of a chart. States by path: `restarting.waiting.backoff`; the root's is empty. */
export interface ArrowDefinition {
  /** As the machine names it, delays (`xstate.after.…`) included; `always` where no event is waited for. */
  event: string;
  guard: string | null;
  /** Null where the state is kept. */
  target: string | null;
  actions: string[];
  /** True where a target inside its own source leaves and enters the source again. */
  reenter: boolean;
  /** Name of the delay that takes the arrow. */
  delay: string | null;
}

/** One state of a chart, with those inside it. */
export interface StateDefinition {
  key: string;
  path: string;
  type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Key of the state entered first, in a compound one. */
  initial: string | null;
  entry: string[];
  exit: string[];
  invoke: { id: string; src: string }[];
  /** In the machine's order: of those of one event the first whose guard holds is taken. */
  arrows: ArrowDefinition[];
  states: StateDefinition[];
}

/** A chart as the machine itself declares it: enough to draw it. */
export interface MachineDefinition {
  id: string;
  root: StateDefinition;
  /** In ms; null where the delay depends on the plan of an attempt. */
  delays: Record<string, number | null>;
}

/** An event without what must not leave the page; members that no event of the machines has are dropped. Durations in ms. */
export interface EventSummary {
  type: string;
  /** Number under which the inbox kept the offer. */
  offer?: number;
  silentForMs?: number;
  evidence?: Partial<Evidence>;
  failure?: Failure;
  /** Class of an error that an actor threw; never its message. */
  error?: string;
}

/** An arrow that was taken, states by path. */
export interface TakenArrow {
  source: string;
  event: string;
  guard?: string;
  target?: string;
}

/** A delay that runs, in ms of what remains and of the whole. */
export interface RunningTimer {
  name: string;
  /** Path of the state that waits. */
  state: string;
  ms: number;
  ofMs: number;
}

/** The connection's context without what the session record holds already. */
export type RecordedContext = Omit<ConnectionContext, 'timings' | 'browser'>;

/** Begins a life of the machine; another one follows where the manager turned to another player. */
export interface SessionBody {
  kind: 'session';
  label: string;
  /** Version of the library. */
  library: string;
  input: ConnectionInput;
  /** Which policy plans the attempts; a custom one cannot be replayed, so its plans are taken from the records. */
  policy: 'default' | 'custom';
  machines: Record<MachineName, MachineDefinition>;
}

/** What a machine received, refused events too. */
export interface EventBody {
  kind: 'event';
  machine: MachineName;
  from: EventSource;
  event: EventSummary;
}

interface TransitionBodyOf<Name extends MachineName, Context> {
  kind: 'transition';
  machine: Name;
  /** The event that it answers; `xstate.init` for the first rest. */
  event: string;
  /** Paths of the innermost state before and after. */
  from: string;
  to: string;
  /** In the order they were taken; eventless ones follow. */
  arrows: TakenArrow[];
  context: Context;
  /** Those of this machine that run now. */
  timers: RunningTimer[];
}

/** An event that took an arrow, and where the machine came to rest. No such record follows an event that was refused. */
export type TransitionBody =
  | TransitionBodyOf<'connection', RecordedContext>
  | TransitionBodyOf<'outage', { isAsked: boolean }>;

/** What the connection machine told an actor to do. */
export type CommandBody =
  | { kind: 'command'; to: 'peer'; command: { type: PeerCommand['type'] } }
  | { kind: 'command'; to: 'signaling'; command: { type: SignalingCommand['type'] } };

/** What the game was told. */
export interface AnnouncementBody {
  kind: 'announcement';
  announcement: { type: Announcement['type']; reason?: Failure['reason'] };
}

/** That a signal passed; never what it said. `other` is a type that Holdfast does not know. */
export interface SignalBody {
  kind: 'signal';
  direction: 'in' | 'out';
  type: 'offer' | 'answer' | 'ice-candidate' | 'hello' | 'bye' | 'other';
}

/** The path as it was found, or null where it is not known any more. */
export interface PathBody {
  kind: 'path';
  path: PathInfo | null;
}

/** Quality, sampled from the first connect on, as long as the link is not given up. Round trip and jitter in ms, loss in [0, 1]; null where nothing was measured. */
export interface SampleBody {
  kind: 'sample';
  rttMs: number | null;
  jitterMs: number | null;
  loss: number | null;
  status: 'good' | 'warning' | 'critical' | 'unknown';
}

/** A note of the game or of a test: a fault began, an episode ended. */
export interface MarkBody {
  kind: 'mark';
  text: string;
}

export type RecordBody =
  | SessionBody
  | EventBody
  | TransitionBody
  | CommandBody
  | AnnouncementBody
  | SignalBody
  | PathBody
  | SampleBody
  | MarkBody;

/** What each record has: by which recorder, in which order and when. */
export interface RecordHead {
  v: typeof RECORD_VERSION;
  /** Random id of the recorder. */
  link: string;
  /** From 1; a gap is what was dropped. */
  seq: number;
  /** Monotonic ms since the recorder began. */
  atMs: number;
  /** Ms of the wall clock. */
  wallMs: number;
}

/** One line of a session log, one item of the live stream. Specified in docs/RECORDS.md. */
export type SessionRecord = RecordHead & RecordBody;

export type RecordKind = RecordBody['kind'];
/** The records of one kind. */
export type RecordOf<Kind extends RecordKind> = RecordHead & Extract<RecordBody, { kind: Kind }>;
