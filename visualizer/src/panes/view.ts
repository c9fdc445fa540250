import type { Scene } from '../model/scene';
import type { Watched, Workspace } from '../model/workspace';

/** What the panes draw: the workspace at one moment. */
export interface View {
  workspace: Workspace;
  selected: Watched | null;
  other: Watched | null;
  /** The state of the selected link at that moment. */
  scene: Scene | null;
  timeMs: number;
  isLive: boolean;
  /** `seq` of the record with open details. */
  pickedSeq: number | null;
  /** How long each pane may read records in this frame. */
  sliceMs: number;
  /** `seq` of the records at which a replay differs. */
  divergent: ReadonlySet<number>;
}

export interface Pane {
  render(view: View): void;
  /** False while it is still reading in slices and needs to be drawn again. */
  readonly isDone?: boolean;
  /** Minimum ms between two drawings, if a drawing is expensive. */
  readonly minIntervalMs?: number;
}

/** What the panes can request. */
export interface Actions {
  select(link: string): void;
  /** Pauses at a moment; `seq` is the selected record, if any. */
  seek(timeMs: number, seq?: number): void;
  goLive(): void;
}
