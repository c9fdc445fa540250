import { type Divergence, replay, type SessionRecord } from 'holdfast/inspect';
import { addLayouts, knownLayoutsOf } from '../chart/layouts';
import { readLines } from '../model/lines';
import type { NewerVersion } from '../model/newer-version';
import { sceneAt } from '../model/scene';
import { countUpTo, type Track } from '../model/track';
import { stopwatchOf } from '../model/words';
import { Workspace } from '../model/workspace';
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

/** A running game answers at once; after this long there is none. */
const LOOK_MS = 1_000;

/** Time per frame in which each pane may read records: short while the user moves through time, so that the page keeps up, else long. */
const SLICES_MS = { moving: 1, resting: 20 };
const REST_MS = 300;

/** The result of replaying the recording through the current machine. */
interface Verdict {
  link: string;
  divergences: Divergence[];
}

/** The state of the page and everything that the user can do. Draws nothing. */
export class Page {
  readonly workspace = new Workspace();
  /** The game on another device that is being watched; null watches the games in this browser. */
  watchedGame: string | null = null;
  readonly #openedAtMs = performance.now();
  #pickedSeq: number | null = null;
  #error: string | null = null;
  #verdict: Verdict | null = null;
  #recordingSinceMs: number | null = null;
  #reach: SourceState = 'connecting';
  #unread: Unread = { badLines: [], newer: null };
  /** The version of a live game that cannot be shown. */
  #newer: NewerVersion | null = null;
  #movedAtMs = 0;

  readonly source: SourceListener = {
    records: (records, control) => this.workspace.receive(records, control, Date.now()),
    newer: (newer) => {
      this.#newer = newer;
      this.workspace.revision += 1;
    },
    gone: (link) => {
      // If the newer version was that of another game, that game announces itself again.
      this.#newer = null;
      this.workspace.lose(link);
    },
    state: (state) => {
      this.#reach = state;
      this.workspace.revision += 1;
    },
  };

  /** The workspace at this moment of the viewer's wall clock. */
  view(nowMs: number): View {
    const { workspace } = this;
    const { selected, other, cursor } = workspace;
    const timeMs = selected ? workspace.momentOf(selected, nowMs) : 0;
    return {
      workspace,
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
    return this.workspace.links.length === 0;
  }

  /** Ms since recording started, or null. */
  recordingMs(nowMs: number): number | null {
    return this.#recordingSinceMs === null ? null : nowMs - this.#recordingSinceMs;
  }

  select(link: string): void {
    this.#pickedSeq = null;
    this.workspace.select(link);
  }

  seek(timeMs: number, seq: number | null = null): void {
    this.#movedAtMs = Date.now();
    this.#pickedSeq = seq;
    this.workspace.seek(timeMs);
  }

  goLive(): void {
    this.#pickedSeq = null;
    this.workspace.goLive();
  }

  unpick(): void {
    this.#pickedSeq = null;
    this.workspace.revision += 1;
  }

  /** Moves to the previous or next transition of the selected link. */
  step(direction: 1 | -1): void {
    const { selected } = this.workspace;
    if (!selected) return;
    const { track } = selected;
    const moves = track.column('move');
    const timeMs = this.workspace.momentOf(selected, Date.now());
    const passed = countUpTo(moves, track.idAt(timeMs));
    const isOnMove = track.timeAt(moves[passed - 1] ?? -1) === timeMs;
    const id = moves[direction === 1 ? passed : passed - (isOnMove ? 2 : 1)];
    const head = id === undefined ? null : track.headAt(id);
    if (id !== undefined && head) this.seek(track.timeAt(id), head.seq);
  }

  togglePlay(speed: number): void {
    const { cursor, range, selected } = this.workspace;
    if (!selected) return;
    this.#pickedSeq = null;
    if (cursor.at === 'moment') this.workspace.seek(cursor.timeMs, cursor.speed > 0 ? 0 : speed);
    else if (selected.status === 'live') this.workspace.seek(this.workspace.momentOf(selected, Date.now()));
    else this.workspace.seek(range.startMs, speed);
  }

  setSpeed(speed: number): void {
    const { cursor } = this.workspace;
    if (cursor.at === 'moment' && cursor.speed > 0) this.workspace.seek(cursor.timeMs, speed);
  }

  async openFile(file: File): Promise<void> {
    try {
      this.openText(file.name, await file.text());
    } catch {
      this.#showError(`${file.name} could not be read.`);
    }
  }

  openText(name: string, text: string): void {
    const { links, ...unread } = readLines(text);
    if (links.size === 0) return this.#showError(unreadableWords(name, unread.newer));
    this.#error = null;
    this.#verdict = null;
    this.#pickedSeq = null;
    this.#unread = unread;
    this.workspace.open(name, links);
  }

  /** Opens the recording that this page contains, if it is a shared file. */
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
    this.workspace.closeRecording();
  }

  save(): void {
    if (!this.isEmpty)
      download(`${this.#stem()}.ndjson`, 'application/x-ndjson', linesOf(this.workspace.links));
  }

  share(): void {
    if (this.isEmpty) return this.#showError('There is nothing to share yet.');
    if (!canShare)
      return this.#showError(
        'Only the built page can be shared. Build it with npm run build -w @holdfast/visualizer.',
      );
    const layouts = Object.assign(
      {},
      ...this.workspace.links.flatMap(({ track }) =>
        Object.values(track.session?.machines ?? {}).map((machine) => knownLayoutsOf(machine)),
      ),
    );
    const file = sharedFile({ name: this.#stem(), lines: linesOf(this.workspace.links), layouts });
    download(`${this.#stem()}.html`, 'text/html', file);
  }

  /** Only live links can be recorded. */
  get canRecord(): boolean {
    return this.#recordingSinceMs !== null || (this.workspace.recordingName === null && !this.isEmpty);
  }

  /** Starts recording, or stops it and opens the recording at the moment when it was started. */
  toggleRecording(nowMs: number): void {
    const sinceMs = this.#recordingSinceMs;
    if (sinceMs !== null) {
      this.#recordingSinceMs = null;
      // Another recording may have been opened in the meantime.
      this.closeRecording();
      if (this.isEmpty) return;
      // With the records from the start of the links, so that it can be replayed through the machine.
      this.openText(`live ${stopwatchOf(nowMs - sinceMs)}`, linesOf(this.workspace.links));
      this.workspace.seek(sinceMs);
    } else if (this.canRecord) this.#recordingSinceMs = nowMs;
  }

  /** Replays the selected link's records through the current machine. */
  check(): void {
    const { selected } = this.workspace;
    if (!selected) return;
    this.#verdict = { link: selected.track.link, divergences: replay(recordsOf(selected.track)) };
    this.workspace.revision += 1;
  }

  dismiss(): void {
    this.#error = null;
    this.#verdict = null;
    this.workspace.revision += 1;
  }

  /** The notice for the banner. */
  notice(): Notice | null {
    const { selected, recordingName } = this.workspace;
    const dismiss = { text: 'Dismiss', act: () => this.dismiss() };
    if (this.#error !== null) return { tone: 'bad', text: this.#error, buttons: [dismiss] };
    if (this.#verdict) {
      const { divergences } = this.#verdict;
      const go = this.#wayTo(divergences.find(isDifference) ?? divergences[0]);
      return verdictNotice(divergences, go ? [{ text: 'Go to record', act: go }, dismiss] : [dismiss]);
    }
    if (recordingName !== null && selected)
      return recordingNotice(recordingName, this.workspace.links, this.#unread, [
        { text: 'Replay through the machine', act: () => this.check() },
        { text: 'Back to live', act: () => this.closeRecording() },
      ]);
    const isLooking = performance.now() - this.#openedAtMs < LOOK_MS;
    if (this.isEmpty && this.#newer && this.#reach === 'open') return newerGameNotice(this.#newer);
    if (this.isEmpty || this.#reach !== 'open') return reachNotice(this.#reach, isLooking, this.watchedGame);
    if (selected?.status !== 'lost') return null;
    return lostNotice(selected, [{ text: 'Forget', act: () => this.workspace.forgetLost() }]);
  }

  #wayTo(divergence: Divergence | undefined): (() => void) | null {
    const track = this.workspace.selected?.track;
    const id = divergence && track ? track.idOfSeq(divergence.seq) : null;
    if (id === null || !track || !divergence) return null;
    return () => this.seek(track.timeAt(id), divergence.seq);
  }

  #showError(text: string): void {
    this.#error = text;
    this.workspace.revision += 1;
  }

  #stem(): string {
    return (
      this.workspace.recordingName?.replace(/\.(?:nd)?jsonl?$|\.txt$/, '').replaceAll(/[^\w.-]+/g, '-') ??
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
