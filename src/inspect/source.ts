import { attempt } from './attempt';
import type { ControlEvent, InspectMessage } from './envelope';
import { Latch } from './latch';
import { parseMessage } from './parse-message';
import type { Recorder } from './recorder';
import type { SessionRecord } from './records';

/** The seam to whatever carries messages. `post` may throw or be refused: a game must not end for being watched. */
export interface InspectPort {
  post(message: InspectMessage): void;
  /** Hands on what arrives, unread. @returns its undo. */
  listen(handler: (data: unknown) => void): () => void;
}

/** Heeds the controls of viewers; made by `createControl` of `holdfast/inspect/control`, which no production build holds. */
export type Control = (event: ControlEvent) => void;

export interface SourceOptions {
  recorder: Recorder;
  port: InspectPort;
  control?: Control | undefined;
  /** How long records are gathered before they are posted together, in ms. */
  gatherMs: number;
  /** Records a message. */
  perMessage: number;
  /** How many of the newest records a viewer that comes late is told. */
  maxBacklog: number;
}

/**
 * Tells viewers what a recorder has, and then what it records: at once on a `hello`, otherwise in small batches.
 *
 * @returns its stop, which says `bye`.
 */
export function serveRecords(options: SourceOptions): () => void {
  const { recorder, port, control, gatherMs } = options;
  let pending: SessionRecord[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;

  const post = (message: InspectMessage) => attempt(() => port.post(message));
  const postRecords = (records: readonly SessionRecord[]) => {
    for (let start = 0; start < records.length; start += options.perMessage) {
      const part = records.slice(start, start + options.perMessage);
      post({ holdfast: 1, type: 'records', isControllable: control !== undefined, records: part });
    }
  };
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    postRecords(pending.splice(0));
  };
  const tellAll = () => {
    flush();
    postRecords(backlogOf(recorder.records, options.maxBacklog));
  };
  const unlisten = port.listen((data) => {
    const message = parseMessage(data);
    if (message?.type === 'hello') tellAll();
    if (message?.type === 'control' && message.link === recorder.link) control?.(message.event);
  });
  const unsubscribe = recorder.subscribe((record) => {
    pending.push(record);
    if (pending.length > options.maxBacklog) pending = backlogOf(pending, options.maxBacklog);
    timer ??= setTimeout(flush, gatherMs);
  });
  tellAll();
  return () => {
    unsubscribe();
    unlisten();
    flush();
    post({ holdfast: 1, type: 'bye', link: recorder.link });
  };
}

/** The newest records, after what a viewer must know of those before. */
function backlogOf(records: readonly SessionRecord[], max: number): SessionRecord[] {
  const newest = records.slice(-max);
  if (newest[0]?.kind === 'session') return newest;
  const before = new Latch();
  for (const record of records.slice(0, -max)) before.take(record);
  return [...before.records, ...newest];
}
