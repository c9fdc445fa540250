import { event, frame, ping, type RawSocket } from '../../tests/support/raw-web-socket';

/** What one misbehaving socket does. */
export interface Attack {
  /** What it does with a TCP connection that has just opened. */
  open(socket: RawSocket): void;
  /** How it answers a message of the server, once upgraded. */
  hear?(socket: RawSocket, text: string): void;
  /** What it sends forty times a second while the server accepts it. */
  readonly pulse: readonly Buffer[];
}

/** Must never appear in a log or a file of the server. */
export const PLANTED = {
  credential: 'planted-credential-7f3a',
  address: '203.0.113.77',
  description: 'v=0\r\no=- 1 1 IN IP4 203.0.113.77\r\na=ice-pwd:planted-credential-7f3a\r\n',
} as const;

const CONNECT = frame('40');
const upgrade = (socket: RawSocket) => socket.upgrade();
const connect = (socket: RawSocket, text: string) => {
  if (text.startsWith('0{')) socket.write(CONNECT);
};

/** Connects, and joins a game as soon as Socket.IO lets it. */
const join = (game: string, player: number | string) => (socket: RawSocket, text: string) => {
  connect(socket, text);
  if (text.startsWith('40')) socket.write(event('join_game', { game_id: game, player_id: player }));
};

const many = (count: number, make: (index: number) => Buffer): Buffer[] =>
  Array.from({ length: count }, (_, index) => make(index));

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const candidate = { candidate: `candidate:1 1 udp 1 ${PLANTED.address} 9 typ host`, sdpMid: '0' };

/** Small messages, as many as the server accepts. */
const floods = (game: string): (() => Attack)[] => [
  () => ({
    open: upgrade,
    hear: join(game, 0),
    pulse: many(50, (n) => event('game_data', { game_id: game, data: n })),
  }),
  () => ({
    open: upgrade,
    hear: join(game, 1),
    pulse: many(50, () =>
      event('webrtc_signal', {
        game_id: game,
        target_player_id: 0,
        type: 'ice-candidate',
        payload: candidate,
      }),
    ),
  }),
  () => ({
    open: upgrade,
    hear: connect,
    pulse: many(50, (n) => event(`unheard-of-${n}`, { token: PLANTED.credential })),
  }),
  () => ({ open: upgrade, hear: connect, pulse: many(50, () => frame('42["holdfast_ping",')) }),
  () => ({
    open: upgrade,
    hear: join(`${game}-hop`, 0),
    pulse: many(50, (n) => event('join_game', { game_id: `${game}-${n}`, player_id: 0 })),
  }),
];

/** Large messages, just below, at and above the limit; some never end. */
const weights = (game: string): (() => Attack)[] => [
  () => ({
    open: upgrade,
    hear: join(game, 0),
    pulse: [event('game_data', { game_id: game, data: 'x'.repeat(60_000) })],
  }),
  () => ({
    open: upgrade,
    hear: join(game, 1),
    pulse: [
      event('webrtc_signal', {
        game_id: game,
        target_player_id: 0,
        type: 'offer',
        payload: { sdp: 'x'.repeat(250_000) },
      }),
    ],
  }),
  () => ({ open: upgrade, hear: connect, pulse: [frame(`42["webrtc_signal",${nested(120_000)}]`)] }),
  () => ({ open: upgrade, hear: connect, pulse: [frame('x'.repeat(1_000_000))] }),
  () => ({
    open: upgrade,
    hear: connect,
    // Announces ten attachments, sends nine, and starts again, so that each round waits for the tenth.
    pulse: [
      frame('4510-["game_data",{"_placeholder":true,"num":0}]'),
      ...many(9, () => frame(Buffer.alloc(30_000))),
    ],
  }),
  () => ({
    open: upgrade,
    hear: connect,
    pulse: [frame('4', 1, false), ...many(500, () => frame('y', 0, false))],
  }),
  () => ({
    open: upgrade,
    hear: join(game, 2),
    pulse: [
      event('p2p_episode_summary', {
        game_id: game,
        player_id: 2,
        summary: { note: PLANTED.description, ip: PLANTED.address, text: `${PLANTED.address} `.repeat(900) },
      }),
    ],
  }),
];

/** Pretends to be other players. */
const forgeries = (game: string, honest: string): (() => Attack)[] => [
  () => ({
    open: upgrade,
    hear: connect,
    pulse: [
      event('join_game', { game_id: honest, player_id: 0 }),
      event('join_game', { game_id: honest, player_id: 1, resume_token: PLANTED.credential }),
      event('join_game', { game_id: honest, player_id: 'third' }),
    ],
  }),
  () => ({
    open: upgrade,
    hear: join(game, 0),
    pulse: [
      event('webrtc_signal', {
        game_id: honest,
        target_player_id: 1,
        from_player_id: 0,
        type: 'bye',
        payload: {},
      }),
      event('p2p_connection_lost', { game_id: honest, player_id: 0, frame_number: 1 }),
      event('p2p_health_report', {
        game_id: honest,
        player_id: 0,
        connection_type: 'direct',
        status: 'healthy',
      }),
      event('game_data', { game_id: honest, data: PLANTED.description }),
    ],
  }),
  () => ({
    open: upgrade,
    hear: join(PLANTED.address + game, PLANTED.address),
    pulse: [
      event('p2p_connection_type', {
        game_id: PLANTED.address + game,
        player_id: PLANTED.address,
        connection_type: 'direct',
        details: { localCandidateType: PLANTED.address },
      }),
      event('p2p_connection_lost', {
        game_id: PLANTED.address + game,
        player_id: PLANTED.address,
        frame_number: 1,
      }),
      event('p2p_reconnection_success', { game_id: PLANTED.address + game, player_id: PLANTED.address }),
    ],
  }),
];

/** Occupies a connection and does nothing with it, or something that never ends. */
const halves = (game: string): (() => Attack)[] => [
  () => ({ open: () => {}, pulse: [] }),
  () => ({
    open: (socket) =>
      socket.write(Buffer.from('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n')),
    pulse: [Buffer.from('X: y\r\n')],
  }),
  () => ({ open: upgrade, pulse: [] }),
  () => ({ open: upgrade, hear: connect, pulse: [] }),
  () => ({
    open: (socket) =>
      socket.write(Buffer.from('GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n')),
    pulse: [],
  }),
  () => ({
    open: upgrade,
    hear(socket, text) {
      join(game, 0)(socket, text);
      if (text.startsWith('43') || text.startsWith('42')) socket.deafen();
    },
    pulse: many(20, ping),
  }),
];

/** One of the four kinds of attacks, chosen by the number of the socket. */
export function attackOf(index: number): Attack {
  const own = `attack-${Math.floor(index / 8)}`;
  const kinds = [floods(own), weights(own), forgeries(own, `honest-${index % 200}`), halves(own)];
  const attacks = kinds[index % kinds.length] ?? [];
  const make = attacks[Math.floor(index / kinds.length) % attacks.length];
  if (!make) throw new Error('no such attack');
  return make();
}
