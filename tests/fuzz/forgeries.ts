import fc from 'fast-check';

/** The five signals of docs/PROTOCOL.md. */
export type SignalType = 'offer' | 'answer' | 'ice-candidate' | 'hello' | 'bye';

/** What is done to one member of a well-formed signal. */
export type Operation =
  | { kind: 'delete' }
  | { kind: 'set'; value: unknown }
  /** Reading it throws, with a secret in the message. */
  | { kind: 'throws' }
  /** It is a revoked proxy. */
  | { kind: 'revoked' }
  /** Right on the first read, something else afterwards. */
  | { kind: 'fickle'; value: unknown };

export interface Edit {
  path: string;
  operation: Operation;
}

/** A signal that is built inside a world: a well-formed one of the other player, and the edits to it. */
export interface Forgery {
  type: SignalType;
  edits: Edit[];
  dress: 'plain' | 'null prototype' | 'frozen' | 'proxy' | 'cyclic' | 'inherited';
}

/** Must never appear in a log. */
export const SECRET = 'secret-192.0.2.77';

const TYPES: SignalType[] = ['offer', 'answer', 'ice-candidate', 'hello', 'bye'];
const DRESSES: Forgery['dress'][] = ['plain', 'null prototype', 'frozen', 'proxy', 'cyclic', 'inherited'];

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const nested = (depth: number): unknown => {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
};

/** Whatever a stranger's JavaScript can hold. */
export const anything = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.anything({
      maxDepth: 3,
      maxKeys: 4,
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom(100, 10_000).map(nested) },
  { weight: 1, arbitrary: fc.constantFrom(300, 70_000, 1_000_000).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 2 ** 53, () => 1) },
);

const LONG = 'y'.repeat(5_000);

/** Values that are invalid at a path, whatever the rest of the signal says. */
const JUNK: Record<string, fc.Arbitrary<unknown>> = {
  type: fc.oneof(
    fc.constantFrom('OFFER', 'offer ', '', '__proto__', 'constructor', 'toString', ['offer'], 7, null),
    anything.filter((value) => !isText(value) || !TYPES.some((type) => type === value)),
  ),
  from_player_id: fc.oneof(
    fc.constantFrom('SELF', 'SELF as text', 3, '3', '01', [1], { toString: () => '1' }, null, undefined),
    anything.filter((value) => typeof value !== 'string' && typeof value !== 'number'),
  ),
  game_id: fc.oneof(
    fc.constantFrom('other', 'GAME', 7, null, ['game'], { toString: () => 'game' }),
    anything.filter((value) => value !== undefined && value !== 'game'),
  ),
  payload: anything.filter((value) => !isObject(value)),
  'payload.type': anything.filter((value) => !isText(value) || !TYPES.some((type) => type === value)),
  'payload.sdp': fc.oneof(
    anything.filter((value) => !isText(value) || !value.startsWith('v=0')),
    fc.constantFrom(
      'v=0',
      'v=0\r\n',
      'v=0\r\na=ice-ufrag:abcd\r\n',
      `v=0\r\na=fingerprint:sha-256 AA\r\n${'a=x\r\n'.repeat(20_000)}`,
    ),
  ),
  'payload.candidate': fc.oneof(
    anything.filter((value) => !isText(value)),
    fc.constant(`candidate:${LONG}`),
  ),
  'payload.sdpMid': fc.oneof(
    anything.filter((value) => !isText(value) && value !== null && value !== undefined),
    fc.constant(LONG),
  ),
  'payload.sdpMLineIndex': fc.constantFrom<unknown>(-1, 0.5, '0', Number.NaN, {}, [], true, 1n),
  'payload.usernameFragment': fc.oneof(
    anything.filter((value) => !isText(value) && value !== null && value !== undefined),
    fc.constant(LONG),
  ),
  'payload.holdfast': anything.filter((value) => !isObject(value)),
  'payload.holdfast.version': anything.filter((value) => value !== 1),
  'payload.holdfast.session': fc.oneof(
    anything.filter((value) => !isText(value)),
    fc.constant(LONG),
  ),
  'payload.holdfast.connection': fc.constantFrom<unknown>(
    0,
    -1,
    1.5,
    '1',
    Number.NaN,
    2 ** 53,
    null,
    [1],
    {},
  ),
  'payload.holdfast.capabilities': fc.oneof(
    anything.filter((value) => !Array.isArray(value)),
    fc.constantFrom([7], [LONG], Array<string>(17).fill('x'), [['heartbeat']]),
  ),
};

const ENVELOPE = ['type', 'from_player_id', 'payload'];
const MEMBER = ['', '.version', '.session', '.connection', '.capabilities'].map(
  (name) => `payload.holdfast${name}`,
);
/** Members that a signal must have, and members that it may lack but must not have wrong. */
const REQUIRED: Record<SignalType, readonly string[]> = {
  offer: [...ENVELOPE, 'payload.type', 'payload.sdp'],
  answer: [...ENVELOPE, 'payload.type', 'payload.sdp'],
  'ice-candidate': [...ENVELOPE, 'payload.candidate'],
  hello: [...ENVELOPE, ...MEMBER],
  bye: [...ENVELOPE, ...MEMBER],
};
const OPTIONAL: Record<SignalType, readonly string[]> = {
  offer: ['game_id'],
  answer: ['game_id'],
  'ice-candidate': ['game_id', 'payload.sdpMid', 'payload.sdpMLineIndex', 'payload.usernameFragment'],
  hello: ['game_id'],
  bye: ['game_id'],
};

const dress = fc.constantFrom(...DRESSES);
const type = fc.constantFrom(...TYPES);
const unreadable = fc.constantFrom<Operation>({ kind: 'throws' }, { kind: 'revoked' });

function brokenAt(path: string, isRequired: boolean): fc.Arbitrary<Operation> {
  const junk = (JUNK[path] ?? anything).map((value): Operation => ({ kind: 'set', value }));
  return isRequired
    ? fc.oneof({ weight: 1, arbitrary: fc.constant<Operation>({ kind: 'delete' }) }, junk, unreadable)
    : fc.oneof(junk, unreadable);
}

/** A signal that is broken in at least one place, known here without asking the parser: it may change nothing. */
export const garbage: fc.Arbitrary<Forgery> = type.chain((each) => {
  const paths = [...REQUIRED[each], ...OPTIONAL[each]];
  return fc.constantFrom(...paths).chain((path) =>
    fc.record({
      type: fc.constant(each),
      edits: brokenAt(path, REQUIRED[each].includes(path)).map((operation) => [{ path, operation }]),
      dress,
    }),
  );
});

const line = fc.constantFrom(
  'a=ice-ufrag:evil',
  'a=ice-pwd:short',
  'a=fingerprint:sha-256 00:11',
  'a=setup:holdconn',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  `a=candidate:1 1 udp 1 192.0.2.66 9 typ host ${SECRET}`,
  'a=x\u0000\u2028',
  `a=${'z'.repeat(30_000)}`,
);

/** Text that still starts like a session description. */
const sdpEdit = fc
  .record({ at: fc.nat(20), remove: fc.nat(3), insert: fc.array(line, { maxLength: 2 }) })
  .map((value): Edit => ({ path: 'payload.sdp', operation: { kind: 'set', value: { splice: value } } }));

const memberEdit = fc.oneof(
  fc.constantFrom('stranger', '', 'PEER').map((value) => ({ path: 'payload.holdfast.session', value })),
  fc
    .constantFrom<unknown>(1, 2, 3, 7, 1_000, 2 ** 31, Number.MAX_SAFE_INTEGER, 0, 'x')
    .map((value) => ({ path: 'payload.holdfast.connection', value })),
  fc
    .constantFrom<unknown>([], ['rebuild'], ['heartbeat'], Array<string>(16).fill('heartbeat'), 'heartbeat')
    .map((value) => ({ path: 'payload.holdfast.capabilities', value })),
  fc
    .constantFrom<unknown>(1, 2, 7, Number.MAX_SAFE_INTEGER, 0, -1, '2', {})
    .map((value) => ({ path: 'payload.holdfast.birth', value })),
  fc
    .constantFrom<unknown>('direct', 'relay', 7, {})
    .map((value) => ({ path: 'payload.holdfast.path', value })),
  fc
    .constantFrom<unknown>('evil', '', {}, LONG)
    .map((value) => ({ path: 'payload.holdfast.answers', value })),
  anything.map((value) => ({ path: 'payload.holdfast', value })),
);

const wildEdit: fc.Arbitrary<Edit> = fc.oneof(
  sdpEdit,
  memberEdit.map(({ path, value }): Edit => ({ path, operation: { kind: 'set', value } })),
  fc
    .record({
      path: fc.constantFrom('extra', 'payload.extra', '__proto__', 'payload.holdfast.extra'),
      value: anything,
    })
    .map(({ path, value }): Edit => ({ path, operation: { kind: 'set', value } })),
  fc
    .record({
      path: fc.constantFrom('type', 'from_player_id', 'payload.sdp', 'payload.candidate'),
      value: anything,
    })
    .map(({ path, value }): Edit => ({ path, operation: { kind: 'fickle', value } })),
  fc
    .stringMatching(/^[a-z]{1,6}$/)
    .map((value): Edit => ({ path: 'payload.usernameFragment', operation: { kind: 'set', value } })),
);

/** A signal that may be accepted: replayed, out of order or carefully forged. It may have effects, but must not break or fill anything. */
export const plausible: fc.Arbitrary<Forgery> = fc.record({
  type: fc.oneof(fc.constant<SignalType>('offer'), type),
  edits: fc.array(wildEdit, { maxLength: 3 }),
  dress,
});
