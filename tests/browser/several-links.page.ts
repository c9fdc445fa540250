/** Runs in a page: a player of a game of more than two, as the README shows it. */

import { WebRTCManager } from 'holdfast';
import { io } from 'socket.io-client';

export interface PartyLook {
  /** By player: the state of the link. */
  readonly states: Readonly<Record<number, string>>;
  /** By player: the events of the link, in order. */
  readonly told: Readonly<Record<number, string[]>>;
  /** By player: the messages of the link, each text once. */
  readonly heard: Readonly<Record<number, string[]>>;
  /** How often the relay announced that the game is ready. */
  readonly ready: number;
}

interface PartyPlayer {
  look(): PartyLook;
  /** Sends a separate text to each other player. */
  say(text: string): void;
  leave(): void;
}

declare global {
  interface Window {
    party: PartyPlayer;
    joinParty(options: { url: string; me: number; others: number[] }): Promise<void>;
  }
}

const TOLD = ['open', 'lost', 'restored', 'close', 'failed', 'closed'] as const;

window.joinParty = async ({ url, me, others }) => {
  const socket = io(url, { transports: ['websocket'] });
  sessionStorage.seat ??= crypto.randomUUID();
  const join = async () => {
    const reply = await socket.emitWithAck('join_game', {
      game_id: 'party',
      player_id: me,
      resume_token: sessionStorage.seat,
    });
    if (!reply.ok) throw new Error(reply.error.code);
  };
  let joining: Promise<void> | null = null;
  const rejoin = () => {
    joining ??= join().finally(() => {
      joining = null;
    });
    return joining;
  };
  let ready = 0;
  socket.on('pyodide_game_ready', () => {
    ready += 1;
  });
  await rejoin();
  const links = others.map((other) => {
    const link = new WebRTCManager(socket, 'party', me, {
      ...{ preset: 'rollback', iceServers: [], logger: 'silent', reidentify: rejoin },
    });
    const told: string[] = [];
    const heard = new Set<string>();
    for (const name of TOLD) link.on(name, () => void told.push(name));
    link.on('message', (data) => void heard.add(String(data)));
    void link.connectToPeer(other);
    return { other, link, told, heard };
  });
  window.party = {
    look: () => ({
      states: Object.fromEntries(links.map(({ other, link }) => [other, link.state])),
      told: Object.fromEntries(links.map(({ other, told }) => [other, told])),
      heard: Object.fromEntries(links.map(({ other, heard }) => [other, [...heard]])),
      ready,
    }),
    say: (text) => {
      for (const { other, link } of links) link.send(`${text} from ${me} to ${other}`);
    },
    leave: () => {
      for (const { link } of links) link.close();
    },
  };
};
