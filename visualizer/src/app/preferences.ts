/** A choice that the user made earlier in this browser. If storage is blocked, a choice lasts only as long as the page. */
export function readPreference(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function savePreference(key: string, choice: string): void {
  try {
    localStorage.setItem(key, choice);
  } catch {
    // Storage is blocked.
  }
}
