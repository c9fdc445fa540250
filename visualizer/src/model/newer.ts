import { RECORD_VERSION } from 'holdfast/inspect';

/** Records of a version that this page does not know, and the Holdfast that wrote them, where its session record is there. */
export interface Newer {
  readonly version: number;
  readonly library: string | null;
}

/** A version is short; a file may hold anything. */
const MAX_LIBRARY_CHARS = 32;

/** Of another version nothing is relied on but its number and that it names a link. */
export function newerOf(value: unknown): Newer | null {
  if (typeof value !== 'object' || value === null || !('v' in value && 'link' in value)) return null;
  const { v, link } = value;
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v <= RECORD_VERSION) return null;
  if (typeof link !== 'string') return null;
  const library = 'library' in value ? value.library : null;
  return { version: v, library: typeof library === 'string' ? library.slice(0, MAX_LIBRARY_CHARS) : null };
}

export function newest(known: Newer | null, found: Newer | null): Newer | null {
  if (!known || !found) return known ?? found;
  if (found.version !== known.version) return found.version > known.version ? found : known;
  return known.library === null ? found : known;
}
