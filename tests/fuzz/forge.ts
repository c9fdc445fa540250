import { type Edit, type Forgery, type Operation, SECRET, type SignalType } from './forgeries';

/** The parts of a well-formed signal of the other player, as far as the world knows them by now. */
export interface Material {
  game: unknown;
  /** The player who gets the forged signals, and the player whom they claim to be from. */
  victim: unknown;
  attacker: unknown;
  /** The session of the attacker's page, and its newest connection. */
  session: string;
  connection: number;
  birth: number;
  sdp: string;
}

type Members = Record<string, unknown>;

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

function payloadOf(type: SignalType, { session, connection, birth, sdp }: Material): Members {
  const holdfast = { version: 1, session, connection, capabilities: ['heartbeat', 'rebuild'] };
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
  switch (type) {
    case 'offer':
    case 'answer':
      return { type, sdp, holdfast: { ...holdfast, birth } };
    case 'ice-candidate':
      return {
        candidate: `candidate:7 1 udp 1 192.0.2.9 9 typ host ufrag ${ufrag}`,
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: ufrag,
      };
    default:
      return { holdfast };
  }
}

/** Resolves the placeholders of a forgery in this world. */
function resolve(value: unknown, material: Material, present: unknown): unknown {
  if (value === 'SELF') return material.victim;
  if (value === 'SELF as text') return String(material.victim);
  if (value === 'PEER') return material.session;
  if (!isMembers(value) || !('splice' in value) || !isMembers(value.splice)) return value;
  const { at, remove, insert } = value.splice;
  const lines = String(present).split('\r\n');
  lines.splice(1 + (Number(at) % lines.length), Number(remove), ...(Array.isArray(insert) ? insert : []));
  return lines.join('\r\n');
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function operate(members: Members, key: string, operation: Operation, material: Material): void {
  const define = (descriptor: PropertyDescriptor) =>
    void Object.defineProperty(members, key, { configurable: true, enumerable: true, ...descriptor });
  switch (operation.kind) {
    case 'delete':
      return void delete members[key];
    case 'set':
      return define({ writable: true, value: resolve(operation.value, material, members[key]) });
    case 'revoked':
      return define({ writable: true, value: revoked() });
    case 'throws':
      return define({
        get() {
          throw new Error(SECRET);
        },
      });
    case 'fickle': {
      let [next, later] = [members[key], operation.value];
      return define({
        get() {
          const value = next;
          next = later;
          later = operation.value;
          return value;
        },
      });
    }
  }
}

function memberAt(members: unknown, key: string): unknown {
  return isMembers(members) ? Object.getOwnPropertyDescriptor(members, key)?.value : undefined;
}

function edit(signal: Members, { path, operation }: Edit, material: Material): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  try {
    const members = keys.reduce<unknown>(memberAt, signal);
    if (isMembers(members) && Object.isExtensible(members)) operate(members, last, operation, material);
  } catch {
    // An earlier edit left a revoked proxy there, or a getter that throws.
  }
}

function dressed(signal: Members, dress: Forgery['dress']): unknown {
  switch (dress) {
    case 'plain':
      return signal;
    case 'null prototype':
      return Object.setPrototypeOf(signal, null);
    case 'frozen':
      return Object.freeze(signal);
    case 'proxy':
      return new Proxy(signal, {});
    case 'inherited':
      return Object.create(signal);
    case 'cyclic':
      signal.self = signal;
      return signal;
  }
}

/** Makes the signal, as the relay would deliver it. */
export function forge({ type, edits, dress }: Forgery, material: Material): unknown {
  const signal: Members = {
    type,
    from_player_id: material.attacker,
    game_id: material.game,
    payload: payloadOf(type, material),
  };
  for (const each of edits) edit(signal, each, material);
  return dressed(signal, dress);
}
