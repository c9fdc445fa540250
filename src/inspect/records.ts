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

/** The version of the record format. docs/RECORDS.md says how readers treat other versions. */
export const RECORD_VERSION = 1;

/** The two machines of a link: `connection` runs the states of the link, `outage` decides what is announced to the game. */
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

/** Who sent an event: `outside` is the controller (requests of the game, facts from the peer and from signals), `self` a delay, any other an actor. */
export type EventSource = (typeof EVENT_SOURCES)[number];

/** One transition of a chart. States are given by path: `restarting.waiting.backoff`; the path of the root is empty. */
export interface ArrowDefinition {
  /** The event type as in the machine, delays (`xstate.after.…`) included; `always` for an eventless transition. */
  event: string;
  guard: string | null;
  /** Null if the transition does not leave the state. */
  target: string | null;
  actions: string[];
  /** Whether a target inside its own source exits and re-enters the source. */
  reenter: boolean;
  /** Name of the delay that triggers the transition. */
  delay: string | null;
}

/** One state of a chart, with its nested states. */
export interface StateDefinition {
  key: string;
  path: string;
  type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Key of the initial state of a compound state. */
  initial: string | null;
  entry: string[];
  exit: string[];
  invoke: { id: string; src: string }[];
  /** In the order of the machine: for one event, the first transition whose guard passes is taken. */
  arrows: ArrowDefinition[];
  states: StateDefinition[];
}

/** A chart as its machine declares it, complete enough to draw it. */
export interface MachineDefinition {
  id: string;
  root: StateDefinition;
  /** In ms; null if the delay depends on the plan of an attempt. */
  delays: Record<string, number | null>;
}

/** An event without anything that must not leave the page. Members that no event of the machines has are dropped. Durations in ms. */
export interface EventSummary {
  type: string;
  /** Number of the offer in the inbox. */
  offer?: number;
  silentForMs?: number;
  evidence?: Partial<Evidence>;
  failure?: Failure;
  /** Class of an error that an actor threw; never its message. */
  error?: string;
}

/** A transition that was taken; states are given by path. */
export interface TakenArrow {
  source: string;
  event: string;
  guard?: string;
  target?: string;
}

/** A running delay: the remaining time and the whole, in ms. */
export interface RunningTimer {
  name: string;
  /** Path of the state that waits. */
  state: string;
  ms: number;
  ofMs: number;
}

/** The connection's context without the members that the session record already holds. */
export type RecordedContext = Omit<ConnectionContext, 'timings' | 'browser'>;

/** The start of a machine. Another session follows if the manager connects to another player. */
export interface SessionBody {
  kind: 'session';
  label: string;
  /** Version of the library. */
  library: string;
  input: ConnectionInput;
  /** The policy that plans the attempts. A custom policy cannot be replayed, so its plans are taken from the records. */
  policy: 'default' | 'custom';
  machines: Record<MachineName, MachineDefinition>;
}

/** An event that a machine received, refused ones included. */
export interface EventBody {
  kind: 'event';
  machine: MachineName;
  from: EventSource;
  event: EventSummary;
}

interface TransitionBodyOf<Name extends MachineName, Context> {
  kind: 'transition';
  machine: Name;
  /** The event that caused it; `xstate.init` for the initial state. */
  event: string;
  /** Paths of the innermost states before and after. */
  from: string;
  to: string;
  /** In the order in which they were taken; eventless transitions follow. */
  arrows: TakenArrow[];
  context: Context;
  /** The running delays of this machine. */
  timers: RunningTimer[];
}

/** An event that caused a transition, and the state that the machine reached. There is no such record for a refused event. */
export type TransitionBody =
  | TransitionBodyOf<'connection', RecordedContext>
  | TransitionBodyOf<'outage', { isAsked: boolean }>;

/** A command of the connection machine to an actor. */
export type CommandBody =
  | { kind: 'command'; to: 'peer'; command: { type: PeerCommand['type'] } }
  | { kind: 'command'; to: 'signaling'; command: { type: SignalingCommand['type'] } };

/** An event that was announced to the game. */
export interface AnnouncementBody {
  kind: 'announcement';
  announcement: { type: Announcement['type']; reason?: Failure['reason'] };
}

/** A signal was sent or received; its content is never recorded. `other` is a type that Holdfast does not know. */
export interface SignalBody {
  kind: 'signal';
  direction: 'in' | 'out';
  type: 'offer' | 'answer' | 'ice-candidate' | 'hello' | 'bye' | 'other';
}

/** The path that was found, or null if it is no longer known. */
export interface PathBody {
  kind: 'path';
  path: PathInfo | null;
}

/** Quality, sampled from the first connect on until the link fails. Round trip and jitter in ms, loss in [0, 1]; null if not measured. */
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

/** The members that every record has: its recorder, order and time. */
export interface RecordHead {
  v: typeof RECORD_VERSION;
  /** Random id of the recorder. */
  link: string;
  /** Counts from 1; a gap means dropped records. */
  seq: number;
  /** Monotonic ms since the recorder began. */
  atMs: number;
  /** Ms of the wall clock. */
  wallMs: number;
}

/** One line of a session log, or one item of the live stream. Specified in docs/RECORDS.md. */
export type SessionRecord = RecordHead & RecordBody;

export type RecordKind = RecordBody['kind'];
/** The records of one kind. */
export type RecordOf<Kind extends RecordKind> = RecordHead & Extract<RecordBody, { kind: Kind }>;
