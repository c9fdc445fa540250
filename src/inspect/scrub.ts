/**
 * The last line of defence: removes secrets that reached a string of a record by mistake. The first line is `clean.ts`, which rebuilds
 * records from known members and words.
 */

const REDACTED = '[redacted]';
/** A text with a session description or a candidate is redacted as a whole. */
const SDP = /(?:^|[\s"'])(?:[a-z]=\S|candidate:)/;
const ICE_URL = /\b(?:turns?|stuns?):\S+/gi;
const ICE_WORD = /\b(?:ice-)?(?:ufrag|pwd|usernameFragment)\b[\s:="']{1,4}\S+/gi;
const NAMED_SECRET =
  /(?<![a-z\d])(?:user ?name|credentials?|password|passwd|secret|token|authorization|bearer|api-?key)\b["']?(?:\s*[:=]\s*|\s+)(?:"[^"]*"?|'[^']*'?|(?:(?:bearer|basic)\s+)?\S+)/gi;
const FINGERPRINT = /\b(?:[0-9a-f]{2}:){7,}[0-9a-f]{2}\b/gi;
const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g;
/** With `::`, or with eight groups; `12:30:05` is a time. */
const IPV6 = /(?<!\w)(?=[0-9a-f:]{0,39}::|(?:[0-9a-f]{1,4}:){7})[0-9a-f:]{2,45}(?:%\w+)?(?!\w)/gi;
const MDNS = /\b[\w-]{1,80}\.local\b/gi;
/** A TURN username as in draft-uberti-behave-turn-rest: expiry and user. */
const TURN_REST_NAME = /\b\d{9,11}:\S+/g;

const PATTERNS = [ICE_URL, TURN_REST_NAME, ICE_WORD, NAMED_SECRET, FINGERPRINT, IPV4, IPV6, MDNS];
/** A shorter secret would be cut out of ordinary words. */
const MIN_SECRET_CHARS = 4;
/** The rest of a longer text is dropped unread. Callers must shorten texts after scrubbing, because half a secret is not recognized. */
const MAX_READ_CHARS = 10_000;
const MAX_CACHED = 2_000;
const MAX_CACHED_CHARS = 80;

export interface Scrubber {
  /** Names secrets that are removed wherever they appear. */
  hide(...secrets: readonly unknown[]): void;
  text(value: string): string;
  /** Scrubs every string inside a value that the library created, in place, and returns it. */
  deep<Value>(value: Value): Value;
}

/** An object or an array, which may contain strings. */
const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export function createScrubber(): Scrubber {
  /** Longest first, because a longer secret may begin with a shorter one. */
  let secrets: string[] = [];
  const cache = new Map<string, string>();

  const scrub = (value: string): string => {
    let found = value.slice(0, MAX_READ_CHARS);
    for (const secret of secrets) if (found.includes(secret)) found = found.replaceAll(secret, REDACTED);
    if (SDP.test(found)) return REDACTED;
    return PATTERNS.reduce((text, pattern) => text.replace(pattern, REDACTED), found);
  };
  const text = (value: string): string => {
    const known = cache.get(value);
    if (known !== undefined) return known;
    const clean = scrub(value);
    if (value.length <= MAX_CACHED_CHARS) {
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(value, clean);
    }
    return clean;
  };
  const walk = (tree: Record<string, unknown>): void => {
    for (const key of Object.keys(tree)) {
      const value = tree[key];
      if (typeof value === 'string') {
        const clean = text(value);
        if (clean !== value) tree[key] = clean;
      } else if (isHolder(value)) walk(value);
    }
  };
  return {
    hide(...found) {
      const texts = found.filter((secret) => typeof secret === 'string');
      const all = [...secrets, ...texts.filter(({ length }) => length >= MIN_SECRET_CHARS)];
      secrets = [...new Set(all)].sort((one, other) => other.length - one.length);
      cache.clear();
    },
    text,
    deep(value) {
      if (isHolder(value)) walk(value);
      return value;
    },
  };
}
