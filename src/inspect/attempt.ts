/** Runs what serves those who watch, and drops what it throws: a game must not end for being watched. */
export function attempt(act: () => void): void {
  try {
    act();
  } catch {}
}
