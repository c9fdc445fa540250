import { type Divergence, replay, type SessionRecord } from 'holdfast/inspect';
import { addLayouts, knownLayoutsOf } from '../chart/layouts';
import { Desk } from '../model/desk';
import { readLines } from '../model/lines';
import type { Newer } from '../model/newer';
import { sceneAt } from '../model/scene';
import { countUpTo, type Track } from '../model/track';
import { stopwatchOf } from '../model/words';
import type { View } from '../panes/view';
import type { SourceListener, SourceState } from '../sources/source';
import type { Notice } from './banner';
import { download, fileStem, linesOf } from './files';
import {
  isDifference,
  lostNotice,
  newerGameNotice,
  reachNotice,
  recordingNotice,
  type Unread,
  unreadableWords,
  verdictNotice,
} from './notices';
import { canShare, readShared, sharedFile } from './share';

/** A game answers at once; after this long there is none. */
const LOOK_MS = 1_000;

/** Of each frame, for each pane that has to read on: a hand that moves must be followed, one that rests is not disturbed. */
const SLICES_MS = { moving: 1, resting: 20 };
const REST_MS = 300;

/** What a run of the recording through the machine of today found. */
interface Verdict {
  link: string;
  divergences: Divergence[];
}

/** All that the reader can do, and what follows from it. Draws nothing. */
export class Page {
  readonly desk = new Desk();
  /** The game on another device that is watched; null watches those of this browser. */
  watchedGame: string | null = null;
  readonly #openedAtMs = performance.now();
  #pickedSeq: number | null = null;
  #error: string | null = null;
  #verdict: Verdict | null = null;
  #takeSinceMs: number | null = null;
  #reach: SourceState = 'connecting';
  #unread: Unread = { badLines: [], newer: null };
  /** Of a live game that cannot be shown. */
  #newer: Newer | null = null;
  #movedAtMs = 0;

  readonly source: SourceListener = {
    records: (records, control) => this.desk.receive(records, control, Date.now()),
    newer: (newer) => {
      this.#newer = newer;
      this.desk.revision += 1;
    },
    gone: (link) => {
      // Where it was of another game, that one tells of itself again.
      this.#newer = null;
      this.desk.lose(link);
    },
    state: (state) => {
      this.#reach = state;
      this.desk.revision += 1;
    },
  };

  /** The desk at this moment of the viewer's wall clock. */
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
      sliceMs: nowMs - this.#movedAtMs < REST_MS ? SLICES_MS.moving : SLICES_MS.resting,
      divergent: new Set(
        this.#verdict?.link === selected?.track.link
          ? this.#verdict?.divergences.filter(isDifference).map(({ seq }) => seq)
          : [],
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
    this.#movedAtMs = Date.now();
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
    const { links, ...unread } = readLines(text);
    if (links.size === 0) return this.#fail(unreadableWords(name, unread.newer));
    this.#error = null;
    this.#verdict = null;
    this.#pickedSeq = null;
    this.#unread = unread;
    this.desk.open(name, links);
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

  /** Of what is live, or of nothing. */
  get canTake(): boolean {
    return this.#takeSinceMs !== null || (this.desk.recordingName === null && !this.isEmpty);
  }

  /** Starts a take; the second time it ends and lies open, with the hand where it began. */
  toggleTake(nowMs: number): void {
    const sinceMs = this.#takeSinceMs;
    if (sinceMs !== null) {
      this.#takeSinceMs = null;
      // A recording that was opened meanwhile is none of it.
      this.closeRecording();
      if (this.isEmpty) return;
      // From the beginning of the links, so that it can run through the machine again.
      this.openText(`take of ${stopwatchOf(nowMs - sinceMs)}`, linesOf(this.desk.links));
      this.desk.seek(sinceMs);
    } else if (this.canTake) this.#takeSinceMs = nowMs;
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

  /** What the banner says. */
  notice(): Notice | null {
    const { selected, recordingName } = this.desk;
    const dismiss = { text: 'Dismiss', act: () => this.dismiss() };
    if (this.#error !== null) return { tone: 'bad', text: this.#error, buttons: [dismiss] };
    if (this.#verdict) {
      const { divergences } = this.#verdict;
      const go = this.#wayTo(divergences.find(isDifference) ?? divergences[0]);
      return verdictNotice(divergences, go ? [{ text: 'Go to the first', act: go }, dismiss] : [dismiss]);
    }
    if (recordingName !== null && selected)
      return recordingNotice(recordingName, this.desk.links, this.#unread, [
        { text: 'Replay through the machine', act: () => this.check() },
        { text: 'Back to live', act: () => this.closeRecording() },
      ]);
    const isLooking = performance.now() - this.#openedAtMs < LOOK_MS;
    if (this.isEmpty && this.#newer && this.#reach === 'open') return newerGameNotice(this.#newer);
    if (this.isEmpty || this.#reach !== 'open') return reachNotice(this.#reach, isLooking, this.watchedGame);
    if (selected?.status !== 'lost') return null;
    return lostNotice(selected, [{ text: 'Forget', act: () => this.desk.forgetLost() }]);
  }

  #wayTo(divergence: Divergence | undefined): (() => void) | null {
    const track = this.desk.selected?.track;
    const id = divergence && track ? track.idOfSeq(divergence.seq) : null;
    if (id === null || !track || !divergence) return null;
    return () => this.seek(track.timeAt(id), divergence.seq);
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

function recordsOf(track: Track): SessionRecord[] {
  const records: SessionRecord[] = [];
  for (let id = track.firstId; id < track.endId; id++) {
    const record = track.recordAt(id);
    if (record) records.push(record);
  }
  return records;
}
