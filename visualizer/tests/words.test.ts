import type { SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { FAILURE, moved, SESSION, written } from '../../tests/inspect/written';
import { changesBetween } from '../src/model/diff';
import { outermost } from '../src/model/history';
import { GROUPS, groupOf, logLineOf } from '../src/model/log-lines';
import { summarize } from '../src/model/summary';
import type { Track } from '../src/model/track';
import { durationInWords, stopwatchOf } from '../src/model/words';
import { historyOf, linesOf, trackOf } from './support/lines';
import { recordGame, recordUnanswered } from './support/recordings';

const idIn = (track: Track, state: string): number => {
  const found = track.column('move').find((id) => outermost(track.headAt(id)?.to ?? '') === state);
  if (found === undefined) throw new Error(`the fixture never is ${state}`);
  return found;
};

const tell = (text: string, state: string, laterMs = 0) => {
  const track = trackOf(text);
  return summarize(track, historyOf(track), track.timeAt(idIn(track, state)) + laterMs);
};

/** The fixture, with another reason and evidence for the failure at its end. */
function failedBecause(reason: string, evidence: object): string {
  const changed = recordsOf('failure').map((record): unknown => {
    if (record.kind !== 'transition' || record.machine !== 'connection' || !record.context.failure)
      return record;
    const failure = {
      ...record.context.failure,
      reason,
      evidence: { ...record.context.failure.evidence, ...evidence },
    };
    return { ...record, context: { ...record.context, failure } };
  });
  return changed.map((record) => JSON.stringify(record)).join('\n');
}

describe('what happened, in words', () => {
  it('says why a link failed, since when, what was tried and what to do', () => {
    const { tone, headline, sentences, advice } = tell(readFixture('failure'), 'failed');
    const failure = recordsOf('failure').flatMap((record) =>
      record.kind === 'transition' && record.machine === 'connection' && record.context.failure
        ? [record.context.failure]
        : [],
    )[0];
    expect([tone, headline]).toEqual(['bad', `Why it failed: ${failure?.reason}`]);
    expect(advice).toBe(failure?.advice);
    const text = sentences.join(' ');
    expect(text).toMatch(/^The link failed after an outage of [\d.]+ (?:s|min)/);
    expect(text).toMatch(/It began because .+\./);
    expect(text).toMatch(/The game was notified [\d.]+ m?s later\./);
    // The relay was there, and reported that the other player was away.
    expect(text).toContain('1 attempt: a new connection; the relay forwarded none, so none counts.');
  });

  it.each([
    ['peer-silent', { answered: false }, 'the other player did not answer any offer'],
    ['signaling-lost', { signaling: 'down' }, 'the relay could not be reached'],
    ['signaling-lost', { signaling: 'up', awake: false }, 'the page was asleep or offline'],
    ['turn-auth', { turnRefused: true }, 'the TURN server refused the credentials'],
    ['no-relay', { relayOnly: true }, 'only TURN was allowed, and no TURN server provided a relay candidate'],
    ['no-candidates', {}, 'this browser found no ICE candidates'],
    ['connect-timeout', { wasUp: false }, 'but no connection came up in time'],
    ['channel-closed', {}, 'the data channel closed, and the other end cannot rebuild it'],
    ['restarts-exhausted', {}, 'did not bring the link back'],
    ['budget-spent', {}, 'recovery took longer than its time budget'],
  ])('explains the reason %s with %j', (reason, evidence, words) => {
    const { headline, sentences } = tell(failedBecause(reason, evidence), 'failed');
    expect(headline).toBe(`Why it failed: ${reason}`);
    expect(sentences[0]).toContain(words);
  });

  it('does not call a channel closed that was never open, whatever Firefox calls it', () => {
    const said = (wasUp: boolean) =>
      tell(failedBecause('connect-timeout', { channel: 'closed', wasUp }), 'failed').sentences.join(' ');
    expect([true, false].map((wasUp) => said(wasUp).includes('The data channel was closed.'))).toEqual([
      true,
      false,
    ]);
  });

  it('says of a recovering link which attempt it is, and how long ago the outage started', () => {
    const track = trackOf(readFixture('outage'));
    const counted = track.column('connection').find((id) => {
      const record = track.recordAt(id);
      return (
        record?.kind === 'transition' && record.machine === 'connection' && record.context.attempts === 1
      );
    });
    const { tone, headline, sentences } = summarize(track, historyOf(track), track.timeAt(counted ?? -1));
    expect([tone, headline]).toEqual(['warn', 'Recovering: attempt 1 of 3']);
    expect(sentences.join(' ')).toMatch(/^It began [\d.]+ m?s ago: .+1 attempt: /);
  });

  it('says of a suspect link when recovery will start', () => {
    const { tone, headline, sentences } = tell(readFixture('outage'), 'disconnected');
    expect([tone, headline]).toEqual(['warn', 'The link is suspect']);
    expect(sentences.join(' ')).toMatch(/Recovery starts in [\d.]+ m?s if nothing arrives\./);
  });

  it('says of a healed link how long the outage was', () => {
    const track = trackOf(readFixture('outage'));
    const { tone, headline, sentences } = summarize(track, historyOf(track), track.endMs);
    expect([tone, headline.split(':')[0]]).toEqual(['good', 'Connected']);
    expect(sentences.join(' ')).toMatch(
      /One outage so far, of [\d.]+ s; the game was notified\. The last one ended/,
    );
  });

  it('counts a link that failed and recovered later as one outage', () => {
    const lost = moved('connected.steady', 'disconnected');
    const failed = moved('disconnected', 'failed', { context: { failure: FAILURE } });
    const again = moved('failed', 'restarting.attempting.offered', { event: 'restart' });
    const refused = moved('restarting.attempting.offered', 'failed', { context: { failure: FAILURE } });
    const up = moved('restarting.attempting.offered', 'connected.steady');
    const records = written(
      [0, SESSION],
      [1_000, lost],
      [6_000, failed],
      [7_000, again],
      [8_000, refused],
      [9_000, again],
      [10_000, up],
    );
    const track = trackOf(linesOf(records));
    const { sentences } = summarize(track, historyOf(track), track.endMs);
    expect(sentences.join(' ')).toContain('One outage so far, of 5.00 s; the game was notified.');
  });

  it('names the cause of an outage even if the other end started the recovery', async () => {
    const { world, recorders, pass } = await recordGame();
    world.network.cut(0);
    await pass(100_000);
    const text = recorders[0].toNdjson();
    expect(tell(text, 'restarting').sentences[0]).toMatch(/ ago: ICE received nothing on its path\.$/);
    expect(tell(text, 'failed').sentences).toContain('It began because ICE received nothing on its path.');
  });

  it('says what the game was told about a link that failed at once, and about one that recovers later', async () => {
    const failed = moved('connected.steady', 'failed', { context: { failure: FAILURE } });
    const again = moved('failed', 'restarting.answering', { event: 'remote.restart' });
    const track = trackOf(linesOf(written([0, SESSION], [1_000, failed], [5_000, again])));
    const sentencesAt = (timeMs: number) =>
      summarize(track, historyOf(track), track.startMs + timeMs).sentences;
    expect(sentencesAt(1_000)).toContain('The game was notified of the failure.');
    expect(sentencesAt(5_000)).toContain('The game had already been notified of the failure.');
  });

  it('does not say that the relay withheld an attempt of the other end', async () => {
    const { world, recorders, pass } = await recordGame();
    world.network.cut(0);
    await pass(130_000);
    const track = trackOf(recorders[1].toNdjson());
    const { sentences } = summarize(track, historyOf(track), track.endMs);
    expect(sentences).toContain('1 attempt: a new connection (started by the other player).');
  });

  it('omits the maximum of attempts in a recording without its start', () => {
    const text = linesOf(recordsOf('outage').filter(({ kind }) => kind !== 'session'));
    const track = trackOf(text);
    const counted = track.column('connection').filter((id) => {
      const { context } = { context: null, ...track.recordAt(id) };
      return Object(context).attempts === 1;
    });
    const { headline } = summarize(track, historyOf(track), track.timeAt(counted[0] ?? -1));
    expect(headline).toBe('Recovering: attempt 1');
  });

  it('does not count a failed first connect as an outage', async () => {
    const recorder = await recordUnanswered();
    const { headline, sentences } = tell(recorder.toNdjson(), 'closed');
    expect([headline, sentences.at(-1)]).toEqual(['Closed by this game', 'The link had never been up.']);
  });

  it('says so when nothing is known', () => {
    const track = trackOf(readFixture('outage'));
    const summary = summarize(track, historyOf(track), track.startMs - 1);
    expect(summary.headline).toBe('Nothing is known yet');
  });

  it('never mentions what comes later', () => {
    const track = trackOf(readFixture('failure'));
    const history = historyOf(track);
    const failedMs = track.timeAt(idIn(track, 'failed'));
    const early = summarize(track, history, failedMs - 1);
    expect(early.headline).not.toContain('failed');
    expect(summarize(track, historyOf(trackOf(linesBefore(failedMs))), failedMs - 1)).toEqual(early);
  });
});

/** The part of the fixture that was known by then. */
function linesBefore(timeMs: number): string {
  const track = trackOf(readFixture('failure'));
  return linesOf(
    recordsOf('failure').filter((_, index) => track.timeAt(index) < timeMs) satisfies SessionRecord[],
  );
}

describe('a line of the log', () => {
  it('describes every record, and puts each in a group that can be selected', () => {
    for (const record of [...recordsOf('outage'), ...recordsOf('failure')]) {
      const { title, detail } = logLineOf(record);
      expect(title).not.toBe('');
      expect(detail).not.toContain('undefined');
      const { from, to } = { from: null, to: null, ...record };
      expect(GROUPS).toContain(groupOf({ kind: record.kind, from: String(from), to: String(to) }));
    }
  });

  it('calls a delay by its name', () => {
    const delay = recordsOf('outage').find(
      (record) => record.kind === 'event' && record.event.type.startsWith('xstate.after.'),
    );
    expect(delay && logLineOf(delay).title).toMatch(/^after \w+$/);
  });
});

describe('small words', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [999.6, '1.00 s'],
    [1_234, '1.23 s'],
    [9_999, '10.0 s'],
    [12_345, '12.3 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [120_000, '2 min'],
    [3_599_400, '59 min 59 s'],
    [3_600_000, '1 h'],
    [30_010_000, '8 h 20 min'],
  ])('express a duration of %f ms as %s', (ms, words) => {
    expect(durationInWords(ms)).toBe(words);
  });

  it('format a stopwatch', () => {
    expect([0, 1_999, 61_250, 3_661_250, -5].map(stopwatchOf)).toEqual([
      '00:00.0',
      '00:01.9',
      '01:01.2',
      '1:01:01.2',
      '00:00.0',
    ]);
  });

  it('list what changed between two values, and nothing else', () => {
    const before = { attempts: 0, plan: null, evidence: { path: 'direct', awake: true } };
    const after = { attempts: 1, plan: { kind: 'rebuild' }, evidence: { path: 'direct', awake: true } };
    expect(changesBetween(before, after)).toEqual([
      { path: 'attempts', before: '0', after: '1' },
      { path: 'plan', before: 'null', after: '{"kind":"rebuild"}' },
    ]);
    expect(changesBetween(before, before)).toEqual([]);
  });
});
