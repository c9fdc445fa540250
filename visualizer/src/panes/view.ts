import type { Desk, Watched } from '../model/desk';
import type { Scene } from '../model/scene';

/** What every pane draws: the desk at one moment. */
export interface View {
  desk: Desk;
  selected: Watched | null;
  other: Watched | null;
  /** Of the selected link. */
  scene: Scene | null;
  timeMs: number;
  isLive: boolean;
  /** `seq` of the record whose details are shown. */
  pickedSeq: number | null;
  /** How long each pane may read on in this frame. */
  sliceMs: number;
  /** `seq` of the records at which a replay went another way. */
  divergent: ReadonlySet<number>;
}

export interface Pane {
  render(view: View): void;
  /** False while it still reads on in slices, and wants to be drawn again. */
  readonly isDone?: boolean;
  /** Where a drawing is dear, and nobody reads faster: the least ms between two. */
  readonly everyMs?: number;
}

/** What the panes ask for. */
export interface Actions {
  select(link: string): void;
  /** Stands at a moment; the record is the one that was picked, if any. */
  seek(timeMs: number, seq?: number): void;
  goLive(): void;
}
