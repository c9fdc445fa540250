import { type Divergence, replay, type SessionRecord } from 'holdfast/inspect';
import { addLayouts, knownLayoutsOf } from '../chart/layouts';
import { Desk, type Watched } from '../model/desk';
import { readLines } from '../model/lines';
import { sceneAt } from '../model/scene';
import { countUpTo, type Track } from '../model/track';
import { countOf, stopwatchOf } from '../model/words';
import type { View } from '../panes/view';
import type { SourceListener, SourceState } from '../sources/source';
import type { Notice } from './banner';
import { download, fileStem, linesOf } from './files';
import { canShare, readShared, sharedFile } from './share';

/** A game answers at once; after this long there is none. */
const LOOK_MS = 1_000;

/** What a run of the recording through the machine of today found. */
interface Verdict {
  link: string;
  divergences: Divergence[];
}

/** All that the reader can do, and what follows from it. Draws nothing. */
export class Page {
  readonly desk = new Desk();
  readonly #openedAtMs = performance.now();
  #pickedSeq: number | null = null;
  #error: string | null = null;
  #verdict: Verdict | null = null;
  #takeSinceMs: number | null = null;
  #reach: SourceState = 'connecting';
  #badLines = 0;

  readonly source: SourceListener = {
    records: (records, control) => this.desk.receive(records, control, Date.now()),
    gone: (link) => this.desk.lose(link),
    state: (state) => {
      this.#reach = state;
      this.desk.revision += 1;
    },
  };

  view(nowMs: number): View {
    const { desk } = this;
    const { selected, other, cursor } = desk;
    const timeMs = selected ? desk.momentOf(selected, nowMs) : 0;
    return {
      desk,
      selected,
      other,
      scene: selected && sceneAt(selected.track, timeMs),
      timeMs,
      isLive: cursor.at === 'live',
      pickedSeq: this.#pickedSeq,
      divergent: new Set(
        this.#verdict?.link === selected?.track.link ? this.#verdict?.divergences.map(({ seq }) => seq) : [],
      ),
    };
  }

  get isEmpty(): boolean {
    return this.desk.links.length === 0;
  }

  /** Ms since the take began, or null. */
  takeMs(nowMs: number): number | null {
    return this.#takeSinceMs === null ? null : nowMs - this.#takeSinceMs;
  }

  select(link: string): void {
    this.#pickedSeq = null;
    this.desk.select(link);
  }

  seek(timeMs: number, seq: number | null = null): void {
    this.#pickedSeq = seq;
    this.desk.seek(timeMs);
  }

  goLive(): void {
    this.#pickedSeq = null;
    this.desk.goLive();
  }

  unpick(): void {
    this.#pickedSeq = null;
    this.desk.revision += 1;
  }

  /** To the move of the selected link before or after the moment that is shown. */
  step(direction: 1 | -1): void {
    const { selected } = this.desk;
    if (!selected) return;
    const { track } = selected;
    const moves = track.column('move');
    const timeMs = this.desk.momentOf(selected, Date.now());
    const passed = countUpTo(moves, track.idAt(timeMs));
    const isOnMove = track.timeAt(moves[passed - 1] ?? -1) === timeMs;
    const id = moves[direction === 1 ? passed : passed - (isOnMove ? 2 : 1)];
    const head = id === undefined ? null : track.headAt(id);
    if (id !== undefined && head) this.seek(track.timeAt(id), head.seq);
  }

  togglePlay(speed: number): void {
    const { cursor, range, selected } = this.desk;
    if (!selected) return;
    this.#pickedSeq = null;
    if (cursor.at === 'moment') this.desk.seek(cursor.timeMs, cursor.speed > 0 ? 0 : speed);
    else if (selected.status === 'live') this.desk.seek(this.desk.momentOf(selected, Date.now()));
    else this.desk.seek(range.startMs, speed);
  }

  setSpeed(speed: number): void {
    const { cursor } = this.desk;
    if (cursor.at === 'moment' && cursor.speed > 0) this.desk.seek(cursor.timeMs, speed);
  }

  async openFile(file: File): Promise<void> {
    try {
      this.openText(file.name, await file.text());
    } catch {
      this.#fail(`${file.name} could not be read.`);
    }
  }

  openText(name: string, text: string): void {
    const { entries, badLines } = readLines(text);
    if (entries.length === 0) return this.#fail(`${name} is no recording: no line of it is a record.`);
    this.#error = null;
    this.#verdict = null;
    this.#pickedSeq = null;
    this.#badLines = badLines.length;
    this.desk.open(name, entries);
  }

  /** What came in this page, if it is a shared file. */
  openShared(): boolean {
    const shared = readShared();
    if (!shared) return false;
    addLayouts(shared.layouts);
    this.openText(shared.name, shared.lines);
    return true;
  }

  closeRecording(): void {
    this.#verdict = null;
    this.#pickedSeq = null;
    this.desk.closeRecording();
  }

  save(): void {
    if (!this.isEmpty) download(`${this.#stem()}.ndjson`, 'application/x-ndjson', linesOf(this.desk.links));
  }

  share(): void {
    if (this.isEmpty) return this.#fail('There is nothing to share yet.');
    if (!canShare)
      return this.#fail('Only the built page can be shared: npm run build -w @holdfast/visualizer.');
    const layouts = Object.assign(
      {},
      ...this.desk.links.flatMap(({ track }) =>
        Object.values(track.session?.machines ?? {}).map((machine) => knownLayoutsOf(machine)),
      ),
    );
    const file = sharedFile({ name: this.#stem(), lines: linesOf(this.desk.links), layouts });
    download(`${this.#stem()}.html`, 'text/html', file);
  }

  /** Starts a take; the second time it ends and lies open, with the hand where it began. */
  toggleTake(nowMs: number): void {
    const sinceMs = this.#takeSinceMs;
    if (sinceMs !== null) {
      this.#takeSinceMs = null;
      if (this.isEmpty) return;
      // From the beginning of the links, so that it can run through the machine again.
      this.openText(`take of ${stopwatchOf(nowMs - sinceMs)}`, linesOf(this.desk.links));
      this.desk.seek(sinceMs);
    } else if (this.desk.recordingName === null && !this.isEmpty) this.#takeSinceMs = nowMs;
  }

  /** Runs the selected link's records through the machine of today. */
  check(): void {
    const { selected } = this.desk;
    if (!selected) return;
    this.#verdict = { link: selected.track.link, divergences: replay(recordsOf(selected.track)) };
    this.desk.revision += 1;
  }

  dismiss(): void {
    this.#error = null;
    this.#verdict = null;
    this.desk.revision += 1;
  }

  notice(): Notice | null {
    if (this.#error !== null)
      return { tone: 'bad', text: this.#error, buttons: [{ text: 'Dismiss', act: () => this.dismiss() }] };
    const { selected, recordingName } = this.desk;
    if (this.#verdict) return this.#verdictNotice(this.#verdict);
    if (recordingName !== null && selected) return this.#recordingNotice(recordingName);
    if (this.isEmpty || this.#reach !== 'open') return this.#reachNotice();
    if (selected?.status === 'lost') return this.#lostNotice(selected);
    return null;
  }

  #verdictNotice({ divergences }: Verdict): Notice {
    const [first] = divergences;
    const buttons = [{ text: 'Dismiss', act: () => this.dismiss() }];
    if (!first)
      return {
        tone: 'good',
        text: 'Replayed through the machine of today: every rest, command and announcement is as recorded.',
        buttons,
      };
    const { selected } = this.desk;
    const id = selected?.track.idOfSeq(first.seq) ?? null;
    const timeMs = id === null || !selected ? null : selected.track.timeAt(id);
    if (timeMs !== null)
      buttons.unshift({ text: 'Go to the first', act: () => this.seek(timeMs, first.seq) });
    return {
      tone: 'bad',
      text: `The replay differs in ${countOf(divergences.length, 'place')}. ${wordsFor(first)}`,
      buttons,
    };
  }

  #recordingNotice(name: string): Notice {
    const records = this.desk.links.reduce((sum, { track }) => sum + track.endId - track.firstId, 0);
    const bad =
      this.#badLines > 0 ? ` ${countOf(this.#badLines, 'line')} of the file could not be read.` : '';
    return {
      tone: this.#badLines > 0 ? 'warn' : 'calm',
      text: `Recording ${name}: ${countOf(this.desk.links.length, 'link')}, ${countOf(records, 'record')}.${bad}`,
      buttons: [
        { text: 'Replay through the machine', act: () => this.check() },
        { text: 'Back to live', act: () => this.closeRecording() },
      ],
    };
  }

  #reachNotice(): Notice | null {
    const notice = (tone: Notice['tone'], text: string): Notice => ({ tone, text, buttons: [] });
    switch (this.#reach) {
      case 'connecting':
        return notice('calm', 'Reaching the relay…');
      case 'refused':
        return notice('bad', 'The relay lets nobody watch: start it with INSPECT=1 npm start.');
      case 'unreachable':
        return notice(
          'bad',
          'The source of live links cannot be reached; it is tried again. A recording can be opened.',
        );
      case 'open': {
        const isLooking = performance.now() - this.#openedAtMs < LOOK_MS;
        return isLooking ? notice('calm', 'Looking for games…') : null;
      }
    }
  }

  #lostNotice({ track }: Watched): Notice {
    return {
      tone: 'warn',
      text: `The page of ${track.label} is gone: closed, or loaded anew. What it told is kept here.`,
      buttons: [{ text: 'Forget', act: () => this.desk.forgetLost() }],
    };
  }

  #fail(text: string): void {
    this.#error = text;
    this.desk.revision += 1;
  }

  #stem(): string {
    return (
      this.desk.recordingName?.replace(/\.(?:nd)?jsonl?$|\.txt$/, '').replaceAll(/[^\w.-]+/g, '-') ??
      fileStem(Date.now())
    );
  }
}

function wordsFor({ seq, what, recorded, replayed }: Divergence): string {
  switch (what) {
    case 'differs':
      return `The first is record ${seq}, which says “${recorded}”, where the machine did “${replayed}”.`;
    case 'missing':
      return `The first is record ${seq}: “${recorded}”, which the machine did not do.`;
    case 'extra':
      return `The first is before record ${seq}: the machine did “${replayed}”, which is not recorded.`;
    case 'gap':
      return `Records are missing before ${seq}; nothing is compared from there to the next session.`;
    case 'error':
      return `The machine threw (${replayed}) on “${recorded}” at record ${seq}.`;
  }
}

function recordsOf(track: Track): SessionRecord[] {
  const records: SessionRecord[] = [];
  for (let id = track.firstId; id < track.endId; id++) {
    const record = track.recordAt(id);
    if (record) records.push(record);
  }
  return records;
}
