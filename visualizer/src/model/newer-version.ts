import { RECORD_VERSION } from 'holdfast/inspect';

/** A record version that this page does not know, and the Holdfast that wrote it, if its session record is there. */
export interface NewerVersion {
  readonly version: number;
  readonly library: string | null;
}

/** A version is short, but a file may contain anything. */
const MAX_LIBRARY_CHARS = 32;

/** Relies on nothing but the version number and the presence of a link. */
export function newerVersionOf(value: unknown): NewerVersion | null {
  if (typeof value !== 'object' || value === null || !('v' in value && 'link' in value)) return null;
  const { v, link } = value;
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v <= RECORD_VERSION) return null;
  if (typeof link !== 'string') return null;
  const library = 'library' in value ? value.library : null;
  return { version: v, library: typeof library === 'string' ? library.slice(0, MAX_LIBRARY_CHARS) : null };
}

export function newest(known: NewerVersion | null, found: NewerVersion | null): NewerVersion | null {
  if (!known || !found) return known ?? found;
  if (found.version !== known.version) return found.version > known.version ? found : known;
  return known.library === null ? found : known;
}
