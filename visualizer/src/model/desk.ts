import type { ControlEvent, SessionRecord } from 'holdfast/inspect';
import { groupBy } from './arrays';
import { History } from './history';
import type { LinkLines } from './lines';
import { Track } from './track';

/** A link on the desk. */
export interface Watched {
  track: Track;
  history: History;
  /** `recorded` came from a file; of a `lost` one the page is gone. */
  status: 'live' | 'lost' | 'recorded';
  /** Sends a wish to the live machine; null where its source does not allow that. */
  control: ((event: ControlEvent) => void) | null;
  /** What the viewer's clock is ahead of the source's, in ms. */
  skewMs: number;
}

/** Where in time the reader is: at the newest record, or at a moment, standing or playing. Ms of the wall clock. */
export type Cursor = { at: 'live' } | { at: 'moment'; timeMs: number; speed: number };

interface Collection {
  watched: Map<string, Watched>;
  /** What the reader chose; null leaves it to the desk. */
  chosen: string | null;
}

/** Each reload of a game leaves a link behind; the oldest of more are forgotten. */
const MOST_LOST = 4;
/** Six players have 30 between them. The chosen one stays, whoever told more since. */
const MOST_LINKS = 64;

const collection = (): Collection => ({ watched: new Map(), chosen: null });

const wordsOf = ({ track }: Watched) => track.label.split(/\W+/).sort().join(' ');

/** By name, so that player 1 comes before player 2 whoever was there first; of the same name the older first. */
function inOrder(a: Watched, b: Watched): number {
  if (a.track.label !== b.track.label) return a.track.label < b.track.label ? -1 : 1;
  return a.track.startMs - b.track.startMs;
}

/**
 * What the page shows: links, which of them is looked at, and when. A recording that is opened covers the live links, which go on
 * underneath.
 */
export class Desk {
  /** In the order in which they told something. */
  readonly #live = collection();
  #recording: (Collection & { name: string }) | null = null;
  #cursor: Cursor = { at: 'live' };
  /** Grows with every change but the passing of time. */
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

  /** The chosen link, else the first; where its page was loaded anew, the link of that name which followed. */
  get selected(): Watched | null {
    const { watched, chosen } = this.#shown;
    const { links } = this;
    const own = (chosen === null ? undefined : watched.get(chosen)) ?? links[0];
    if (own?.status !== 'lost') return own ?? null;
    const heirs = links.filter(({ track }) => track.label === own.track.label);
    return heirs.find(({ status }) => status !== 'lost') ?? heirs.at(-1) ?? own;
  }

  /**
   * The other player of a sequence: the newest link of another name that overlaps the selected one in time; of several the one whose name
   * has the same words, as `1–2` and `2–1` have.
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

  /** From the first to the last record of all links that are shown, in ms of the wall clock. */
  get range(): { startMs: number; endMs: number } {
    const tracks = this.links.map(({ track }) => track);
    if (tracks.length === 0) return { startMs: 0, endMs: 0 };
    return {
      startMs: Math.min(...tracks.map(({ startMs }) => startMs)),
      endMs: Math.max(...tracks.map(({ endMs }) => endMs)),
    };
  }

  /** The moment that is shown of a link. `nowMs` is the viewer's wall clock. */
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

  /** Its page is gone; what it told stays. */
  lose(link: string): void {
    const watched = this.#live.watched.get(link);
    if (!watched || watched.status === 'lost') return;
    watched.status = 'lost';
    watched.control = null;
    const lost = [...this.#live.watched].filter(([, { status }]) => status === 'lost');
    for (const [oldest] of lost.slice(0, -MOST_LOST)) this.#live.watched.delete(oldest);
    this.revision += 1;
  }

  /** Covers the live links with a recording. */
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

  /** Forgets the links whose pages are gone. */
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

  /** Moves a playing cursor by the time that passed; at the end of a recording it stands, at the end of a live link it is live. */
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
    if (watched.size > MOST_LINKS) watched.delete(oldest);
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
