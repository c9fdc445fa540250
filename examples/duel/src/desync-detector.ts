/** How often the two states are compared: twice a second detects a desync before a player does. */
const HASH_EVERY_FRAMES = 30;
const REMEMBERED = 8;

/** Compares the state hashes of both sides, whichever side reaches a frame first. */
export class DesyncDetector {
  readonly #ours = new Map<number, number>();
  #theirs: { frame: number; hash: number } | null = null;
  #latest = { frame: 0, hash: 0 };

  get latest(): { readonly frame: number; readonly hash: number } {
    return this.#latest;
  }

  /** Call it after each frame; it computes the hash only when one is due. @returns whether the two sides differ. */
  advanced(frame: number, hash: () => number): boolean {
    if (frame % HASH_EVERY_FRAMES !== 0) return false;
    this.#latest = { frame, hash: hash() };
    this.#ours.set(frame, this.#latest.hash);
    this.#ours.delete(frame - HASH_EVERY_FRAMES * REMEMBERED);
    return this.#differs();
  }

  heard(frame: number, hash: number): boolean {
    if (frame === 0 || frame % HASH_EVERY_FRAMES !== 0 || frame <= (this.#theirs?.frame ?? 0)) return false;
    this.#theirs = { frame, hash };
    return this.#differs();
  }

  #differs(): boolean {
    if (this.#theirs === null) return false;
    const ours = this.#ours.get(this.#theirs.frame);
    return ours !== undefined && ours !== this.#theirs.hash;
  }
}
