import { createScrubber } from './scrub';

/** Names of members whose value is a secret, whatever it looks like, and is also removed elsewhere. In lower case, without separators. */
const SECRET_MEMBERS = new Set([
  ...['credential', 'credentials', 'password', 'passwd', 'pwd', 'icepwd', 'secret', 'token', 'resumetoken'],
  ...['accesstoken', 'apikey', 'authorization', 'cookie', 'username', 'turnusername', 'turncredential'],
]);
/** Names of members whose value reveals a network address. A session has many of them, and elsewhere they are recognized by their form. */
const PRIVATE_MEMBERS = new Set([
  ...['sdp', 'candidate', 'ufrag', 'iceufrag', 'usernamefragment', 'fingerprint', 'localdescription'],
  ...['remotedescription', 'address', 'ip', 'ipaddress', 'host', 'hostname', 'relatedaddress'],
]);

const REDACTED = '[redacted]';
/** Longer texts are shortened. */
const MAX_TEXT_CHARS = 1_000;
/** The deepest part of a chart, an action of a transition of a state three levels down, is at depth 14. */
const MAX_DEPTH = 24;
/** The chart of a link has 700 parts. Without a limit an object that contains itself twice would never end. */
const MAX_PARTS = 10_000;
/** Per array or object, because the context of a game's machine may hold the whole state of the game. */
const MAX_MEMBERS = 1_000;
/** Every text is searched for each of them. */
const MAX_REMEMBERED = 50;

export interface JsonScrubber {
  /** Names secrets that are removed wherever they appear. */
  hide(...secrets: readonly string[]): void;
  /** Copies any value as JSON, without anything that must not leave the page. Drops what JSON cannot represent, and truncates what is too large. */
  copy(value: unknown): unknown;
}

/**
 * For values that Holdfast did not create, such as the machines of a game, whose members are not known beforehand. Removes members
 * that are named like a secret, remembers their values, and passes every text, member name and JSON within a text to the scrubber of
 * the records. A secret that is not recognizable by name or form passes, unless it was named with `hide`.
 */
export function createJsonScrubber(): JsonScrubber {
  const { hide, text } = createScrubber();
  const remembered = new Set<unknown>();
  let parts = 0;

  const remember = (value: unknown) => {
    if (remembered.size >= MAX_REMEMBERED || remembered.has(value)) return;
    remembered.add(value);
    hide(value);
  };
  const copyText = (value: string, depth: number): string => {
    const json = parse(value);
    if (json !== undefined) return JSON.stringify(copy(json, depth + 1));
    const clean = text(value);
    return clean.length > MAX_TEXT_CHARS ? `${clean.slice(0, MAX_TEXT_CHARS)}…` : clean;
  };
  const copyMember = (name: string, value: unknown, depth: number): unknown => {
    const plainName = name.replace(/[-_ ]/g, '').toLowerCase();
    const isSecret = SECRET_MEMBERS.has(plainName);
    if (value === null || value === undefined || !(isSecret || PRIVATE_MEMBERS.has(plainName)))
      return copy(value, depth + 1);
    if (isSecret && typeof value === 'string') remember(value);
    return REDACTED;
  };
  const copy = (value: unknown, depth: number): unknown => {
    parts += 1;
    if (typeof value === 'string') return copyText(value, depth);
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH || parts > MAX_PARTS) return REDACTED;
    if (value instanceof Error) return { name: value.name, message: copyText(value.message, depth) };
    if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON(), depth + 1);
    if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
    if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((each) => copy(each, depth + 1));
    const members = Object.entries(value).slice(0, MAX_MEMBERS);
    return Object.fromEntries(members.map(([name, member]) => [text(name), copyMember(name, member, depth)]));
  };
  return {
    hide: (...secrets) => hide(...secrets),
    copy(value) {
      parts = 0;
      return copy(value, 0);
    },
  };
}

/** Parses an object or array in JSON text; undefined for any other text. */
function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
