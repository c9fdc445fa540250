import type { ControlEvent, SessionRecord } from 'holdfast/inspect';
import { groupBy } from './arrays';
import { History } from './history';
import type { LinkLines } from './lines';
import { Track } from './track';

/** A link in the workspace. */
export interface Watched {
  track: Track;
  history: History;
  /** `recorded`: from a file. `lost`: its page is gone. */
  status: 'live' | 'lost' | 'recorded';
  /** Sends a control to the live machine; null if its source does not allow that. */
  control: ((event: ControlEvent) => void) | null;
  /** How far the viewer's clock is ahead of the source's, in ms. */
  skewMs: number;
}

/** The position in time: at the newest record, or at a moment, paused (speed 0) or playing. Ms of the wall clock. */
export type Cursor = { at: 'live' } | { at: 'moment'; timeMs: number; speed: number };

interface Collection {
  watched: Map<string, Watched>;
  /** The link that the user selected; null selects one automatically. */
  chosen: string | null;
}

/** Each reload of a game leaves a lost link behind; the oldest beyond this number are forgotten. */
const MAX_LOST = 4;
/** Six players have 30 links between them. The chosen link always stays. */
const MAX_LINKS = 64;

const collection = (): Collection => ({ watched: new Map(), chosen: null });

const wordsOf = ({ track }: Watched) => track.label.split(/\W+/).sort().join(' ');

/** Sorts by name, so that player 1 comes before player 2 whoever was first; links of the same name by age. */
function inOrder(a: Watched, b: Watched): number {
  if (a.track.label !== b.track.label) return a.track.label < b.track.label ? -1 : 1;
  return a.track.startMs - b.track.startMs;
}

/**
 * What the page shows: the links, the selected link, and the position in time. An opened recording hides the live links, which continue
 * in the background.
 */
export class Workspace {
  /** In the order of their latest records. */
  readonly #live = collection();
  #recording: (Collection & { name: string }) | null = null;
  #cursor: Cursor = { at: 'live' };
  /** Incremented with every change except the passing of time. */
  revision = 0;

  get #shown(): Collection {
    return this.#recording ?? this.#live;
  }

  get recordingName(): string | null {
    return this.#recording?.name ?? null;
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  get links(): readonly Watched[] {
    return [...this.#shown.watched.values()].sort(inOrder);
  }

  /** The chosen link, or else the first. If its page was reloaded, the newer link of the same name. */
  get selected(): Watched | null {
    const { watched, chosen } = this.#shown;
    const { links } = this;
    const own = (chosen === null ? undefined : watched.get(chosen)) ?? links[0];
    if (own?.status !== 'lost') return own ?? null;
    const successors = links.filter(({ track }) => track.label === own.track.label);
    return successors.find(({ status }) => status !== 'lost') ?? successors.at(-1) ?? own;
  }

  /**
   * The other player for the sequence: the newest link of another name that overlaps the selected one in time. A link whose name has the
   * same words is preferred, like `2–1` for `1–2`.
   */
  get other(): Watched | null {
    const selected = this.selected;
    if (!selected) return null;
    const others = this.links.filter(
      ({ track }) =>
        track.label !== selected.track.label &&
        track.endMs >= selected.track.startMs &&
        track.startMs <= selected.track.endMs,
    );
    const words = wordsOf(selected);
    return others.filter((each) => wordsOf(each) === words).at(-1) ?? others.at(-1) ?? null;
  }

  /** From the first to the last record of all shown links, in ms of the wall clock. */
  get range(): { startMs: number; endMs: number } {
    const tracks = this.links.map(({ track }) => track);
    if (tracks.length === 0) return { startMs: 0, endMs: 0 };
    return {
      startMs: Math.min(...tracks.map(({ startMs }) => startMs)),
      endMs: Math.max(...tracks.map(({ endMs }) => endMs)),
    };
  }

  /** The moment at which a link is shown. `nowMs` is the viewer's wall clock. */
  momentOf(watched: Watched, nowMs: number): number {
    if (this.#cursor.at === 'moment') return this.#cursor.timeMs;
    const { track, status, skewMs } = watched;
    return status === 'live' ? Math.max(track.endMs, nowMs - skewMs) : track.endMs;
  }

  receive(
    records: readonly SessionRecord[],
    control: ((link: string, event: ControlEvent) => void) | null,
    nowMs: number,
  ): void {
    const byLink = groupBy(records, ({ link }) => link);
    for (const [link, own] of byLink) {
      const watched = this.#liveLink(link);
      watched.control = control && ((event) => control(link, event));
      watched.status = 'live';
      watched.track.appendRecords(own);
      watched.skewMs = Math.min(watched.skewMs, nowMs - watched.track.endMs);
    }
    this.revision += 1;
  }

  /** The page of a link is gone; its records stay. */
  lose(link: string): void {
    const watched = this.#live.watched.get(link);
    if (!watched || watched.status === 'lost') return;
    watched.status = 'lost';
    watched.control = null;
    const lost = [...this.#live.watched].filter(([, { status }]) => status === 'lost');
    for (const [oldest] of lost.slice(0, -MAX_LOST)) this.#live.watched.delete(oldest);
    this.revision += 1;
  }

  /** Shows a recording instead of the live links. */
  open(name: string, links: ReadonlyMap<string, LinkLines>): void {
    const opened = { ...collection(), name };
    for (const [link, { lines, heads }] of links) {
      const track = new Track(link, Number.POSITIVE_INFINITY);
      track.append(lines, heads);
      opened.watched.set(link, {
        track,
        history: new History(track),
        status: 'recorded',
        control: null,
        skewMs: 0,
      });
    }
    this.#recording = opened;
    this.#cursor = { at: 'live' };
    this.revision += 1;
  }

  closeRecording(): void {
    this.#recording = null;
    this.#cursor = { at: 'live' };
    this.revision += 1;
  }

  /** Forgets the lost links. */
  forgetLost(): void {
    for (const [link, { status }] of this.#live.watched)
      if (status === 'lost') this.#live.watched.delete(link);
    this.revision += 1;
  }

  select(link: string): void {
    if (!this.#shown.watched.has(link)) return;
    this.#shown.chosen = link;
    this.revision += 1;
  }

  seek(timeMs: number, speed = 0): void {
    const { startMs, endMs } = this.range;
    this.#cursor = { at: 'moment', timeMs: Math.min(Math.max(timeMs, startMs), endMs), speed };
    this.revision += 1;
  }

  goLive(): void {
    this.#cursor = { at: 'live' };
    this.revision += 1;
  }

  /** Advances a playing cursor by the elapsed time. At the end it goes live, which for a recording means that it stays at the end. */
  pass(elapsedMs: number): void {
    const cursor = this.#cursor;
    if (cursor.at === 'live' || cursor.speed === 0) return;
    const timeMs = cursor.timeMs + elapsedMs * cursor.speed;
    const { endMs } = this.range;
    if (timeMs < endMs) this.seek(timeMs, cursor.speed);
    else this.goLive();
  }

  #liveLink(link: string): Watched {
    const { watched, chosen } = this.#live;
    const found = watched.get(link) ?? newLink(link);
    watched.delete(link);
    watched.set(link, found);
    const [oldest = link] = [...watched.keys()].filter((each) => each !== chosen);
    if (watched.size > MAX_LINKS) watched.delete(oldest);
    return found;
  }
}

function newLink(link: string): Watched {
  const track = new Track(link);
  return {
    track,
    history: new History(track),
    status: 'live',
    control: null,
    skewMs: Number.POSITIVE_INFINITY,
  };
}
