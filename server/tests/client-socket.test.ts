import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { ClientSocket } from '../src/client-socket';
import { accept } from '../src/protocol';
import { listen } from './fake-connection';
import { type LoggedLine, recordingLogger } from './world';

/** A client whose network takes what it is sent only when the test says so. */
function startClient() {
  const conn = new EventEmitter();
  const handlers = new Map<string, (...args: unknown[]) => void>();
  const sent: string[] = [];
  const lines: LoggedLine[] = [];
  const { intake } = listen();
  const client = new ClientSocket({
    socket: Object({
      id: 'of-a-client',
      conn,
      on: (event: string, handler: () => void) => handlers.set(event, handler),
      emit: (event: string) => sent.push(event),
      disconnect: () => sent.push('disconnect'),
    }),
    intake,
    logger: recordingLogger(lines),
  });
  return {
    client,
    intake,
    sent,
    lines,
    waits: (bytes: number) => conn.emit('packetCreate', { data: 'x'.repeat(bytes) }),
    takesAll: () => conn.emit('flush'),
    says: (event: string, ...args: unknown[]) => handlers.get(event)?.(...args),
  };
}

it('receives no message and no answer while more than 1 MiB waits for it', () => {
  const { client, sent, waits, takesAll, says } = startClient();
  client.onUnchecked('holdfast_ping', () => accept());
  const isSent = () => {
    const isTaken = client.emit('p2p_resume', { game_id: 'duel' });
    says('holdfast_ping', () => sent.push('answer'));
    return [isTaken, sent.splice(0)];
  };
  waits(1024 * 1024);
  expect(isSent()).toEqual([true, ['p2p_resume', 'answer']]);
  waits(1);
  expect(isSent()).toEqual([false, []]);
  takesAll();
  expect(isSent()).toEqual([true, ['p2p_resume', 'answer']]);
});

it('is named in the log when it is evicted', () => {
  const { intake, sent, lines } = startClient();
  intake.evict('data rate exceeded');
  expect(lines).toEqual([
    { level: 'warn', message: 'socket closed', fields: { socket: 'of-a-client', why: 'data rate exceeded' } },
  ]);
  expect(sent).toEqual(['disconnect']);
});
