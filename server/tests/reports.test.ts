import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { logFileName, RESEARCH_LOG_SCHEMA_VERSION, ResearchLog } from '../src/research-log';
import { type LoggedLine, recordingLogger, startPair, startWorld } from './world';

const sender = { game_id: 'duel', player_id: 0 };
const health = {
  ...sender,
  connection_type: 'direct',
  latency_ms: 12.5,
  status: 'healthy',
  episode: 3,
  timestamp: 3,
};

describe('the research log', () => {
  it('appends each report to the file of its game, without unknown members', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const details = {
      localCandidateType: 'host',
      remoteCandidateType: 'relay',
      protocol: 'udp',
      relayProtocol: 'tls',
      detectedAtFrame: 0,
      timestamp: 1,
    };
    await zero.ask('p2p_connection_type', {
      ...sender,
      connection_type: 'relay',
      details: { ...details, address: '203.0.113.7', username: 'u', credential: 'c' },
      sdp: 'v=0',
    });
    await zero.ask('p2p_health_report', { ...health, ip: '203.0.113.7' });
    await zero.ask('p2p_connection_lost', { ...sender, frame_number: 60, timestamp: 2 });
    await zero.ask('p2p_reconnection_success', { ...sender, duration_ms: 0 });
    await zero.ask('p2p_episode_summary', { ...sender, summary: 'P2P type: direct' });
    const header = {
      schema_version: RESEARCH_LOG_SCHEMA_VERSION,
      server_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      ...sender,
    };
    expect(await world.records('duel')).toEqual([
      { ...header, event: 'p2p_connection_type', connection_type: 'relay', details },
      {
        ...header,
        event: 'p2p_health_report',
        connection_type: 'direct',
        latency_ms: 12.5,
        status: 'healthy',
        episode: 3,
        timestamp: 3,
      },
      { ...header, event: 'p2p_connection_lost', frame_number: 60, timestamp: 2 },
      { ...header, event: 'p2p_reconnection_success', duration_ms: 0 },
      { ...header, event: 'p2p_episode_summary', summary: 'P2P type: direct' },
    ]);
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('accepts the sparse reports that upstream sends', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const reports: [string, Record<string, unknown>][] = [
      ['p2p_connection_type', { ...sender, connection_type: 'unknown', details: {} }],
      ['p2p_connection_type', { ...sender, connection_type: 'direct', details: { relayProtocol: null } }],
      [
        'p2p_health_report',
        { ...health, connection_type: 'socketio_fallback', latency_ms: null, episode: null },
      ],
      ['p2p_connection_lost', { ...sender, player_id: '0' }],
    ];
    for (const [event, report] of reports) expect(await zero.ask(event, report)).toEqual({ ok: true });
    expect(await world.records('duel')).toHaveLength(reports.length);
  });

  it('is not written if no folder is configured, and reports are accepted nevertheless', async () => {
    const world = await startWorld(Object({ dataDir: undefined }));
    const [zero, one] = await startPair(world);
    expect(await zero.ask('p2p_connection_lost', sender)).toEqual({ ok: true });
    expect(await one.hears('p2p_pause')).toHaveLength(1);
    expect(await readdir(world.dataDir)).toEqual([]);
  });

  it('names the link of a report in a game of more than two', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const reports = {
      p2p_connection_type: { connection_type: 'relay' },
      p2p_health_report: { connection_type: 'relay', status: 'healthy' },
      p2p_connection_lost: {},
      p2p_reconnection_success: {},
      p2p_episode_summary: { summary: 'P2P type: relay' },
    };
    for (const [event, report] of Object.entries(reports))
      await zero.ask(event, { ...sender, peer_id: 1, ...report });
    expect(await world.records('duel')).toMatchObject(
      Object.entries(reports).map(([event, report]) => ({ event, ...sender, peer_id: 1, ...report })),
    );
    expect(await zero.ask('p2p_health_report', { ...health, peer_id: {} })).toMatchObject({
      error: { code: 'bad-payload' },
    });
  });

  it('removes addresses and credentials from a summary', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const summary = {
      title: 'P2P type: direct at 12:30:45',
      note: 'peer 203.0.113.7 and ip:2001:db8::1: over turn:relay.example.org:3478, abc-1.local',
      'key 10.0.0.1': 1,
      sdp: 'v=0\r\na=ice-pwd:x',
      dump: 'v=0\r\na=ice-pwd:x',
      iceServers: [{ urls: 'turn:x', username: 'u', credential: 'c', kept: true }],
      resume_token: 't',
    };
    await zero.ask('p2p_episode_summary', { ...sender, summary });
    const [record] = await world.records('duel');
    expect(record).toMatchObject({
      summary: {
        title: 'P2P type: direct at 12:30:45',
        note: 'peer [redacted] and ip[redacted] over [redacted] [redacted]',
        'key [redacted]': 1,
        dump: '[redacted]',
        iceServers: [{ kept: true }],
      },
    });
    expect(Object.keys(Object(record?.summary))).toEqual([
      'title',
      'note',
      'key [redacted]',
      'dump',
      'iceServers',
    ]);
  });

  it.each([
    ['named credentials', 'credential=s3cr3t and token: "s3cr3t"', '[redacted] and [redacted]'],
    ['JSON', '{"resume_token":"s3cr3t","turnCredential":"s3cr3t"}', '{"[redacted],"[redacted]}'],
    ['JSON in JSON', String.raw`{\"password\":\"my s3cr3t\"}`, String.raw`{\"[redacted]}`],
    ['a quoted phrase', `password: "my s3cr3t" and secret='s3cr3t s3cr3t'`, '[redacted] and [redacted]'],
    ['a quoted phrase that was cut off', 'password: "my s3cr3t', '[redacted]'],
    ['a header', 'Authorization: Bearer s3cr3t, then', '[redacted] then'],
    ['a name that a TURN server received', '401 for 1700000000:s3cr3t now', '401 for [redacted] now'],
    ['an IPv6 address with its port', 'by 2001:db8:0:0:0:0:0:1:3478', 'by [redacted]'],
    [
      'members',
      { turnCredential: 's3cr3t', turn_username: 's3cr3t', apiKey: 's3cr3t', episode: 1 },
      { episode: 1 },
    ],
  ])('removes %s from a summary', async (_what, summary, scrubbed) => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    await zero.ask('p2p_episode_summary', { ...sender, summary });
    expect(await world.records('duel')).toMatchObject([{ summary: scrubbed }]);
    expect(JSON.stringify(await world.records('duel'))).not.toContain('s3cr3t');
  });

  it('refuses a report for another player, another game or without a seat, and logs that once', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const stranger = await world.connect();
    expect(await stranger.ask('p2p_health_report', health)).toMatchObject({ error: { code: 'not-joined' } });
    for (const forged of [{ player_id: 1 }, { game_id: 'other' }, { player_id: 'nobody' }]) {
      expect(await zero.ask('p2p_health_report', { ...health, ...forged })).toMatchObject({
        error: { code: 'not-yours' },
      });
    }
    await world.server.flush();
    await expect(readdir(world.dataDir)).resolves.toEqual([]);
    const refused = { event: 'p2p_health_report', code: 'not-yours' };
    expect(
      world.lines.filter(({ level, fields }) => level === 'warn' && fields?.code === 'not-yours'),
    ).toMatchObject([{ message: 'message refused', fields: refused }]);
  });

  const hostile = [
    '../../etc/passwd',
    '/etc/passwd',
    '..',
    '.',
    'a\0b',
    'a/b\\c',
    'CON',
    ' ',
    '%2e%2e%2f',
    'é'.repeat(128),
    'x'.repeat(128),
  ];

  it.each(hostile)('keeps the file of game %j inside its directory', async (gameId) => {
    const world = await startWorld();
    const [zero] = await startPair(world, gameId);
    await zero.ask('p2p_health_report', { ...health, game_id: gameId });
    expect(await world.records(gameId)).toMatchObject([{ game_id: gameId }]);
    const names = await readdir(world.dataDir);
    expect(names).toEqual([logFileName(gameId)]);
    expect(names[0]).toMatch(/^game-[A-Za-z0-9_-]{0,48}-[0-9a-f]{16}\.ndjson$/);
  });

  it('gives ids that look alike on disk different files', () => {
    const names = [
      'a/b',
      'a_b',
      'A_b',
      'a\\b',
      '../a_b',
      'a'.repeat(60),
      'a'.repeat(61),
      '\ud800',
      '\ud801',
    ].map(logFileName);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(logFileName(7)).toBe(logFileName('7'));
  });

  it('keeps concurrent records whole and in order', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    const send = (client: typeof zero, player: number) =>
      Promise.all(
        Array.from({ length: 80 }, (_, n) =>
          client.ask('p2p_connection_lost', { game_id: 'duel', player_id: player, frame_number: n }),
        ),
      );
    await Promise.all([send(zero, 0), send(one, 1)]);
    const records = await world.records('duel');
    const framesOf = (player: number) =>
      records.filter((record) => record.player_id === player).map((record) => record.frame_number);
    expect([framesOf(0), framesOf(1)]).toEqual([[...Array(80).keys()], [...Array(80).keys()]]);
  });

  it('stops at its limit, counts what it drops, and reports that only once', async () => {
    const world = await startWorld({ maxLogFileBytes: 1000 });
    const [zero] = await startPair(world);
    for (let n = 0; n < 20; n += 1) await zero.ask('p2p_health_report', health);
    const records = await world.records('duel');
    expect(records.length).toBeGreaterThan(2);
    expect(records.length + world.server.stats.droppedRecords).toBe(20);
    expect(world.lines.filter((line) => line.level === 'error')).toHaveLength(1);
  });

  it('is not readable by other users of the machine', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    await zero.ask('p2p_health_report', health);
    await world.server.flush();
    const { mode } = await stat(join(world.dataDir, logFileName('duel')));
    expect(mode & 0o007).toBe(0);
  });

  it('starts a new line after the partial record of a process that was killed', async () => {
    const world = await startWorld();
    await writeFile(join(world.dataDir, logFileName('duel')), '{"cut');
    const [zero] = await startPair(world);
    await zero.ask('p2p_health_report', health);
    await world.server.flush();
    const text = await readFile(join(world.dataDir, logFileName('duel')), 'utf8');
    expect(text.split('\n')).toEqual(['{"cut', expect.stringContaining('p2p_health_report'), '']);
  });

  it('recovers after a disk that refuses writes', async () => {
    const world = await startWorld();
    await rm(world.dataDir, { recursive: true });
    await writeFile(world.dataDir, 'a file where the directory should be');
    const [zero] = await startPair(world);
    await zero.ask('p2p_health_report', health);
    await world.server.flush();
    expect(world.server.stats.droppedRecords).toBe(1);
    await rm(world.dataDir);
    await mkdir(world.dataDir);
    await zero.ask('p2p_health_report', health);
    expect(await world.records('duel')).toHaveLength(1);
  });

  it('loses nothing when its folder is moved away', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    await zero.ask('p2p_health_report', health);
    await world.server.flush();
    const kept = `${world.dataDir}-kept`;
    onTestFinished(() => rm(kept, { recursive: true }));
    await rename(world.dataDir, kept);
    await zero.ask('p2p_health_report', health);
    expect(await world.records('duel')).toHaveLength(1);
    expect(world.server.stats.droppedRecords).toBe(0);
  });

  it('counts the disk blocks of a file, however little is in it, and creates none for which there is no room', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const options = { directory, maxTotalBytes: 9 * 4_096, logger: recordingLogger([]) };
    const start = async () => {
      const log = new ResearchLog(options);
      for (let n = 0; n < 12; n += 1) log.append('p2p_health_report', n, 0, {});
      await log.flush();
      return [(await readdir(directory)).length, log.dropped];
    };
    expect([await start(), await start()]).toEqual([
      [9, 3],
      [9, 3],
    ]);
  });

  it('has room again, a minute after it was full, for as much as was removed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    let nowMs = 0;
    const log = new ResearchLog({
      directory,
      maxTotalBytes: 300,
      logger: recordingLogger([]),
      now: () => nowMs,
    });
    const droppedOf = async (gameId: string) => {
      const before = log.dropped;
      for (let n = 0; n < 4; n += 1) log.append('p2p_health_report', gameId, 0, {});
      await log.flush();
      return log.dropped - before;
    };
    const dropped = [await droppedOf('first')];
    await rm(join(directory, logFileName('first')));
    dropped.push(await droppedOf('second'));
    nowMs += 60_000;
    dropped.push(await droppedOf('third'), await droppedOf('fourth'));
    expect(dropped).toEqual([2, 4, 2, 4]);
  });

  it('is never full when its files are moved away before', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    let nowMs = 0;
    const log = new ResearchLog({
      directory,
      maxTotalBytes: 4_096,
      logger: recordingLogger([]),
      now: () => nowMs,
    });
    for (const gameId of ['first', 'second', 'third']) {
      log.append('p2p_health_report', gameId, 0, {});
      await log.flush();
      expect(await readdir(directory)).toEqual([logFileName(gameId)]);
      await rm(join(directory, logFileName(gameId)));
      nowMs += 60_000;
    }
    expect(log.dropped).toBe(0);
  });

  it("has room again after that minute even if the machine's clock was set back", async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let nowMs = 0;
    const world = await startWorld({ maxLogTotalBytes: 300, now: () => nowMs });
    const [zero] = await startPair(world);
    for (let n = 0; n < 2; n += 1) await zero.ask('p2p_health_report', health);
    await world.server.flush();
    expect(world.server.stats.droppedRecords).toBe(1);
    await rm(join(world.dataDir, logFileName('duel')));
    vi.setSystemTime(0);
    nowMs = 60_000;
    await zero.ask('p2p_health_report', health);
    expect(await world.records('duel')).toMatchObject([{ server_time: '1970-01-01T00:00:00.000Z' }]);
  });

  it('loses nothing when files are moved away while it counts them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await symlink(join(directory, 'moved away'), join(directory, 'game-old.ndjson'));
    const log = new ResearchLog({ directory, logger: recordingLogger([]) });
    log.append('p2p_health_report', 'duel', 0, {});
    await log.flush();
    expect(log.dropped).toBe(0);
  });

  it('reports each reason for dropping records at once, and at the end how often it occurred since', async () => {
    const world = await startWorld({ maxLogFileBytes: 200 });
    const [zero] = await startPair(world);
    await rm(world.dataDir, { recursive: true });
    await writeFile(world.dataDir, 'a file where the directory should be');
    for (let n = 0; n < 2; n += 1) await zero.ask('p2p_health_report', health);
    await world.server.flush();
    await rm(world.dataDir);
    for (let n = 0; n < 3; n += 1) await zero.ask('p2p_health_report', health);
    await world.server.close();
    expect(world.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)).toEqual([
      { why: expect.stringContaining('EEXIST'), count: 1 },
      { why: 'log full', count: 1 },
      { why: expect.stringContaining('EEXIST'), count: 1 },
      { why: 'log full', count: 2 },
    ]);
  });

  it('reports a disk error at once, not again for other files, but another error at once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const lines: LoggedLine[] = [];
    const log = new ResearchLog({ directory, logger: recordingLogger(lines) });
    const said = async (gameId: string) => {
      log.append('p2p_health_report', gameId, 0, {});
      await log.flush();
      return lines.splice(0).map(({ fields }) => fields);
    };
    for (const gameId of ['one', 'two']) await mkdir(join(directory, logFileName(gameId)));
    expect(await said('one')).toEqual([{ why: expect.stringContaining('EISDIR'), count: 1 }]);
    expect(await said('two')).toEqual([]);
    await rm(directory, { recursive: true });
    await writeFile(directory, 'a file where the directory should be');
    expect(await said('one')).toEqual([{ why: expect.stringContaining('EEXIST'), count: 1 }]);
    await log.close();
    expect(lines.map(({ fields }) => fields)).toEqual([{ why: expect.stringContaining('EISDIR'), count: 1 }]);
  });

  it('drops records that a slow disk cannot take', async () => {
    const lines: LoggedLine[] = [];
    const log = new ResearchLog({
      directory: '/dev/null/none',
      maxPendingBytes: 400,
      logger: recordingLogger(lines),
    });
    for (let n = 0; n < 10; n += 1) log.append('p2p_health_report', 'g', 0, {});
    expect(log.dropped).toBeGreaterThan(5);
    await log.flush();
    expect(log.dropped).toBe(10);
    expect(lines.map(({ fields }) => fields)).toEqual([
      { why: 'disk too slow', count: 1 },
      { why: expect.stringContaining('ENOTDIR'), count: 3 },
    ]);
  });
});

describe('pause and resume', () => {
  it('pauses every player once, and resumes them once', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    await zero.ask('p2p_reconnection_success', { ...sender, duration_ms: 1 });
    await zero.ask('p2p_connection_lost', { ...sender, frame_number: 60, timestamp: 1 });
    await one.ask('p2p_connection_lost', { game_id: 'duel', player_id: 1, frame_number: 61, timestamp: 2 });
    await zero.ask('p2p_reconnection_success', { ...sender, duration_ms: 900 });
    await one.ask('p2p_reconnection_success', { game_id: 'duel', player_id: 1, duration_ms: 900 });
    await Promise.all([zero.settle(), one.settle()]);
    for (const client of [zero, one]) {
      expect(client.inbox.filter(({ event }) => event.startsWith('p2p_'))).toEqual([
        { event: 'p2p_pause', message: { game_id: 'duel', pause_frame: 60, detecting_player: 0 } },
        { event: 'p2p_resume', message: { game_id: 'duel' } },
      ]);
    }
    await one.ask('p2p_connection_lost', { game_id: 'duel', player_id: 1 });
    expect(await zero.hears('p2p_pause', 2)).toContainEqual({
      game_id: 'duel',
      pause_frame: null,
      detecting_player: 1,
    });
  });

  it('leaves other games alone', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const [other] = await startPair(world, 'other');
    await zero.ask('p2p_connection_lost', sender);
    await other.settle();
    expect(other.heard('p2p_pause')).toEqual([]);
  });
});
