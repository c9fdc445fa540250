/** Names of members that hold an address or a credential, in lower case and without `_` and `-`. */
const SECRET_MEMBERS = new Set([
  'address',
  'ip',
  'ipaddress',
  'port',
  'relatedaddress',
  'relatedport',
  'hostname',
  'url',
  'urls',
  'candidate',
  'sdp',
  'ufrag',
  'iceufrag',
  'usernamefragment',
  'pwd',
  'icepwd',
  'username',
  'turnusername',
  'credential',
  'credentials',
  'turncredential',
  'password',
  'passwd',
  'secret',
  'token',
  'accesstoken',
  'resumetoken',
  'apikey',
  'authorization',
  'cookie',
]);

const REDACTED = '[redacted]';
const SDP_LINE = /(^|\r?\n)(v=0|a=|c=IN |candidate:)/;
// No word boundaries: an address may be part of a word, for example of an id made from it.
const IPV4 = /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/g;
// Matches whole runs, which are then examined, so that no text causes backtracking.
const HEX_AND_COLONS = /[0-9a-f:]{2,}/gi;
const MDNS = /\b[\w-]{1,80}\.local\b/gi;
const ICE_URL = /\b(?:turns?|stuns?):\S+/gi;
/** A username for a TURN server with `use-auth-secret`: expiry and user. */
const TURN_NAME = /\b\d{9,11}:\S+/g;
/** Matches `resume_token` and `turnCredential`, too. A value in quotes, also in those of JSON within JSON, may contain spaces. */
const NAMED_SECRET =
  /\b\w{0,16}(?:user ?name|credentials?|password|passwd|pwd|ufrag|secret|token|authorization|api-?key)\b\\?["']?\s*[:=]\s*(?:\\?"[^"]*"?|'[^']*'?|(?:(?:bearer|basic)\s+)?\S+)/gi;

/** Copies JSON without addresses, credentials or session descriptions. */
export function scrub(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return REDACTED;
  if (Array.isArray(value)) return value.map(scrub);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([member]) => !SECRET_MEMBERS.has(member.toLowerCase().replace(/[_-]/g, '')))
      .map(([member, inner]) => [scrubText(member), scrub(inner)]),
  );
}

function scrubText(text: string): string {
  if (SDP_LINE.test(text)) return REDACTED;
  return text
    .replace(ICE_URL, REDACTED)
    .replace(TURN_NAME, REDACTED)
    .replace(NAMED_SECRET, REDACTED)
    .replace(IPV4, REDACTED)
    .replace(HEX_AND_COLONS, (run) => (containsIpv6(run) ? REDACTED : run))
    .replace(MDNS, REDACTED);
}

// The run may include adjacent colons and a port, as in `ip:2001:db8::1:`. `12:30:05` is a time.
const containsIpv6 = (run: string): boolean => run.includes('::') || run.split(':').length >= 8;
