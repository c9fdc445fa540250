/** Runs a callback and ignores what it throws, because watching must not break the game. */
export function attempt(act: () => void): void {
  try {
    act();
  } catch {}
}
