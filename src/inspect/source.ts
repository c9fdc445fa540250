import { attempt } from './attempt';
import type { ControlEvent, InspectMessage } from './envelope';
import { Latch } from './latch';
import { parseMessage } from './parse-message';
import type { Recorder } from './recorder';
import type { SessionRecord } from './records';

/** The transport of messages to viewers. `post` may throw; errors are ignored, because watching must not break the game. */
export interface InspectPort {
  post(message: InspectMessage): void;
  /** Passes on what arrives, unparsed. @returns a function that stops it. */
  listen(handler: (data: unknown) => void): () => void;
}

/** Carries out the controls of viewers. Created by `createControl` of `holdfast/inspect/control`, which no production build contains. */
export type Control = (event: ControlEvent) => void;

export interface SourceOptions {
  recorder: Recorder;
  port: InspectPort;
  control?: Control | undefined;
  /** How long records are collected before they are posted together, in ms. */
  gatherMs: number;
  /** Records per message. */
  perMessage: number;
  /** How many of the newest records a viewer that connects later receives. */
  maxBacklog: number;
}

/**
 * Sends viewers the records that a recorder has, and then new ones in small batches. A `hello` is answered at once with the backlog.
 *
 * @returns a function that stops it and sends `bye`.
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

/** The newest records, preceded by the earlier ones without which they cannot be understood. */
function backlogOf(records: readonly SessionRecord[], max: number): SessionRecord[] {
  const newest = records.slice(-max);
  if (newest[0]?.kind === 'session') return newest;
  const before = new Latch();
  for (const record of records.slice(0, -max)) before.take(record);
  return [...before.records, ...newest];
}
