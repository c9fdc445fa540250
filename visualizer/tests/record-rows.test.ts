import type { RecordBody } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { DIRECT, mark, moved, RELAYED, SESSION, toldOutage, written } from '../../tests/inspect/written';
import { type LaneItem, laneItemOf } from '../src/model/lanes';
import { type LogLine, logLineOf, textOf } from '../src/model/log-lines';

const event = (type: string, rest = {}, machine: 'connection' | 'outage' = 'connection'): RecordBody => ({
  kind: 'event',
  machine,
  from: 'peer',
  event: { type, ...rest },
});
const told = (type: 'lost' | 'restored' | 'failed', reason?: 'peer-silent'): RecordBody => ({
  kind: 'announcement',
  announcement: { type, ...(reason && { reason }) },
});
const line = (title: string, detail: string, tone: LogLine['tone'] = null): LogLine => ({
  title,
  detail,
  tone,
});
type Lane = 'player' | 'browser' | 'relay';
const arrow = (from: Lane, to: Lane, text: string, tone: LaneItem['tone'] = null): LaneItem => ({
  type: 'arrow',
  from,
  to,
  text,
  tone,
});
const note = (on: Lane, text: string, tone: LaneItem['tone'] = null): LaneItem => ({
  type: 'note',
  on,
  text,
  tone,
});

describe('a record, in the log and in the sequence', () => {
  it.each<[string, RecordBody, LogLine, LaneItem | null]>([
    ['a session', SESSION, line('session', 'player 1, holdfast 0.1.0, chromium'), null],
    ['a call of the game', event('restart'), line('restart', 'from peer'), note('player', 'game: restart')],
    [
      'a fact of the browser',
      event('link.up'),
      line('link.up', 'from peer'),
      arrow('browser', 'player', 'link.up'),
    ],
    [
      'a doubt',
      event('life.silent', { silentForMs: 1_000 }),
      line('life.silent', 'from peer; silent for 1000 ms'),
      arrow('browser', 'player', 'life.silent', 'warn'),
    ],
    [
      'an end',
      event('ice.failed', { evidence: { channel: 'open', wasUp: true } }),
      line('ice.failed', 'from peer; channel: open; wasUp: true'),
      arrow('browser', 'player', 'ice.failed', 'bad'),
    ],
    [
      'a fact of the relay',
      event('signaling.down'),
      line('signaling.down', 'from peer'),
      arrow('relay', 'player', 'signaling.down', 'warn'),
    ],
    [
      'an offer, which its signal shows',
      event('remote.offer', { offer: 7 }),
      line('remote.offer', 'from peer; offer 7'),
      null,
    ],
    [
      'an event of the outage machine',
      event('suspect', {}, 'outage'),
      line('suspect', 'outage, from peer'),
      null,
    ],
    [
      'a move',
      moved('checking.offered', 'connected.steady'),
      line('link.up', 'checking · offered → connected · steady', 'good'),
      note('player', 'connected · steady', 'good'),
    ],
    [
      'a move after a delay',
      moved('disconnected', 'restarting', {
        event: 'xstate.after.disconnectTimeout.connection.disconnected',
      }),
      line('after disconnectTimeout', 'disconnected → restarting', 'warn'),
      note('player', 'restarting (after disconnectTimeout)', 'warn'),
    ],
    [
      'a move inside a state',
      moved('connected.steady', 'connected.renewing'),
      line('link.up', 'connected · steady → connected · renewing', 'good'),
      null,
    ],
    [
      'a stay',
      moved('connected.steady', 'connected.steady'),
      line('link.up', 'stays connected · steady'),
      null,
    ],
    [
      'the first state',
      moved('', 'new', { event: 'xstate.init' }),
      line('start', 'new', 'calm'),
      note('player', 'new', 'calm'),
    ],
    [
      'a move of the outage machine',
      toldOutage('none', 'pending'),
      line('outage: suspect', 'none → pending'),
      null,
    ],
    [
      'a command to the peer',
      { kind: 'command', to: 'peer', command: { type: 'startAttempt' } },
      line('startAttempt', 'command to peer'),
      arrow('player', 'browser', 'startAttempt'),
    ],
    [
      'a command to signaling',
      { kind: 'command', to: 'signaling', command: { type: 'watch' } },
      line('watch', 'command to signaling'),
      null,
    ],
    [
      'a loss',
      told('lost'),
      line('lost', 'announced to the game', 'warn'),
      note('player', 'announced: lost', 'warn'),
    ],
    [
      'a return',
      told('restored'),
      line('restored', 'announced to the game', 'good'),
      note('player', 'announced: restored'),
    ],
    [
      'a failure',
      told('failed', 'peer-silent'),
      line('failed', 'announced to the game: peer-silent', 'bad'),
      note('player', 'announced: failed'),
    ],
    [
      'a signal that went out',
      { kind: 'signal', direction: 'out', type: 'offer' },
      line('offer', 'signal sent'),
      arrow('player', 'relay', 'offer'),
    ],
    [
      'a signal that came in',
      { kind: 'signal', direction: 'in', type: 'answer' },
      line('answer', 'signal received'),
      arrow('relay', 'player', 'answer'),
    ],
    [
      'a path',
      { kind: 'path', path: DIRECT },
      line('path', 'direct, host to srflx, over udp, IPv4'),
      note('browser', 'direct'),
    ],
    [
      'a path over a relay',
      { kind: 'path', path: RELAYED },
      line('path', 'relay, relay to prflx, over tcp, TURN over tls, IPv6'),
      note('browser', 'relay'),
    ],
    [
      'a path that is lost',
      { kind: 'path', path: null },
      line('path', 'unknown'),
      note('browser', 'unknown'),
    ],
    [
      'a sample',
      { kind: 'sample', rttMs: 31, jitterMs: 2.25, loss: 0.5, status: 'good' },
      line('good', 'round trip 31 ms, jitter 2.3 ms, loss 50 %'),
      null,
    ],
    [
      'a sample without measurements',
      { kind: 'sample', rttMs: null, jitterMs: null, loss: null, status: 'unknown' },
      line('unknown', 'nothing measured'),
      null,
    ],
    ['a mark', mark('episode 2'), line('mark', 'episode 2'), note('player', 'episode 2')],
  ])('%s', (_name, body, log, item) => {
    const [record] = written([0, body]);
    expect(record && [logLineOf(record), laneItemOf(record)]).toEqual([log, item]);
  });

  it('is found by its kind and all its words, in lower case', () => {
    const [record] = written([0, mark('Episode 2')]);
    expect(record && textOf(record)).toBe('mark mark episode 2');
  });
});
