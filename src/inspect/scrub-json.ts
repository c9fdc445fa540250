import { createScrubber } from './scrub';

/** Members whose value is a secret, whatever it looks like, and is looked for elsewhere; without case and separators. */
const SECRET_MEMBERS = new Set([
  ...['credential', 'credentials', 'password', 'passwd', 'pwd', 'icepwd', 'secret', 'token', 'resumetoken'],
  ...['accesstoken', 'apikey', 'authorization', 'cookie', 'username', 'turnusername', 'turncredential'],
]);
/** Members whose value says who is where. There are many of them in a session, and their form gives them away elsewhere. */
const PRIVATE_MEMBERS = new Set([
  ...['sdp', 'candidate', 'ufrag', 'iceufrag', 'usernamefragment', 'fingerprint', 'localdescription'],
  ...['remotedescription', 'address', 'ip', 'ipaddress', 'host', 'hostname', 'relatedaddress'],
]);

const REDACTED = '[redacted]';
/** Longer texts are of no use to a reader. */
const MAX_TEXT_CHARS = 1_000;
/** The deepest part of a chart, an action of an arrow of a state in a state in a state, lies at 14. */
const MAX_DEPTH = 24;
/** The chart of a link has 700 parts; without a bound an object that holds itself twice would have no end. */
const MAX_PARTS = 10_000;
/** Of one array or object: a game's state may lie in its machine's context. */
const MAX_MEMBERS = 1_000;
/** Each is looked for in every text. */
const MAX_REMEMBERED = 50;

export interface JsonScrubber {
  /** Names secrets that are cut out wherever they appear. */
  hide(...secrets: readonly string[]): void;
  /** A copy as JSON of whatever there is, without what must not leave the page. What is no JSON is left out, excess is cut. */
  copy(value: unknown): unknown;
}

/**
 * For what is not of Holdfast's making, the machines of a game say, whose members and words nobody knows beforehand: takes out
 * members that are called like a secret, remembers their values, and hands every text, name of a member, and JSON in a text to the
 * scrubber of the records. A secret that neither its name nor its form gives away passes, unless it was named to `hide`.
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

/** Undefined for what is no object or array as JSON text. */
function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
