import { describe, expect, it } from 'vitest';
import { createConnectionMachine, outageMachine, PRESETS } from '../../machines';
import { connectionChart, connectionDelaysMs } from './chart';
import { compare, invokesOf, leavesOf, linesOfChart, linesOfMachine, mutate, rootInvokesOf } from './edges';
import { outageChart } from './outage-chart';
import { startConnection } from './world';

const machine = createConnectionMachine();
const same = { undeclared: [], missing: [] };

describe.each([
  ['connection', machine, connectionChart],
  ['outage', outageMachine, outageChart],
] as const)('the chart of the %s', (_name, subject, chart) => {
  it('has the arrows of the machine, and no others', () => {
    expect(compare(subject, chart)).toEqual(same);
  });

  it('names each arrow once', () => {
    const lines = linesOfChart(chart);
    expect(lines).toEqual([...new Set(lines)]);
    expect(linesOfMachine(subject).sort()).toEqual(lines.sort());
  });

  it('has the states of the machine, each with what it invokes', () => {
    expect(invokesOf(subject)).toEqual(chart.states);
    expect(rootInvokesOf(subject)).toEqual(chart.invokes);
  });

  it('ends only where the machine ends', () => {
    const finals = leavesOf(subject.root).filter(({ type }) => type === 'final');
    expect(finals.map(({ path }) => path.join('.'))).toEqual(chart.final);
  });
});

describe('the delays', () => {
  it('last as long as the default preset says', () => {
    const { actor } = startConnection();
    const { context } = actor.getSnapshot();
    const { delays } = machine.implementations;
    const lasts = Object.entries(delays).map(([name, delay]) => [
      name,
      typeof delay === 'function'
        ? Reflect.apply(delay, undefined, [{ context, event: { type: 'connect' } }])
        : delay,
    ]);
    expect(Object.fromEntries(lasts)).toMatchObject(connectionDelaysMs);
    expect(context.timings).toEqual(PRESETS.default);
  });
});

/** One change to the machine each, which the comparison must name. */
const MUTANTS: [string, string[], unknown, { undeclared: string[]; missing: string[] }][] = [
  [
    'a retargeted arrow',
    ['states', 'connected', 'on', 'life.silent', 'target'],
    '#connection.failed',
    {
      missing: [
        'connected.renewing.offered | life.silent → disconnected announcing suspect',
        'connected.steady | life.silent → disconnected announcing suspect',
      ],
      undeclared: [
        'connected.renewing.offered | life.silent → failed announcing suspect, failed',
        'connected.steady | life.silent → failed announcing suspect, failed',
      ],
    },
  ],
  [
    'a lost announcement of an arrow',
    ['states', 'disconnected', 'on', 'restart', '0', 'actions'],
    ['planAttempt', 'tellSuspect'],
    {
      missing: ['disconnected | restart [hasPlan] → restarting.waiting.backoff announcing asked, suspect'],
      undeclared: ['disconnected | restart [hasPlan] → restarting.waiting.backoff announcing suspect'],
    },
  ],
  [
    'a removed guard',
    ['states', 'failed', 'on', 'restart', 'guard'],
    undefined,
    {
      missing: ['failed | restart [hasFreshPlan] → restarting.waiting.backoff announcing asked'],
      undeclared: ['failed | restart → restarting.waiting.backoff announcing asked'],
    },
  ],
  [
    'a removed arrow',
    ['states', 'checking', 'on', 'gathering.empty'],
    undefined,
    {
      missing: [
        'checking.offered | gathering.empty [else] → failed announcing failed',
        'checking.offered | gathering.empty [hasPlan] → restarting.waiting.backoff announcing suspect',
      ],
      undeclared: [],
    },
  ],
  [
    'an undeclared arrow',
    ['states', 'disconnected', 'on', 'page.resumed'],
    { target: '#connection.connected' },
    { missing: [], undeclared: ['disconnected | page.resumed → connected.steady announcing up'] },
  ],
  [
    'another delay',
    ['states', 'disconnected', 'after'],
    { stable: { target: '#connection.failed' } },
    {
      missing: [
        'disconnected | after disconnectTimeout [else] → failed announcing failed',
        'disconnected | after disconnectTimeout [hasPlan] → restarting.waiting.backoff announcing suspect',
      ],
      undeclared: ['disconnected | after stable → failed announcing failed'],
    },
  ],
  [
    'a re-entered state, which would announce again',
    ['states', 'connected', 'on', 'network.changed'],
    { target: 'connected', reenter: true, actions: 'probe' },
    {
      missing: [
        'connected.renewing.offered | network.changed → stays',
        'connected.steady | network.changed → stays',
      ],
      undeclared: [
        'connected.renewing.offered | network.changed → connected.steady announcing up',
        'connected.steady | network.changed → connected.steady announcing up',
      ],
    },
  ],
];

describe('the comparison', () => {
  it('finds nothing in a plain copy', () => {
    const plain = mutate(machine, ['description'], 'a copy');
    expect(linesOfMachine(plain)).toEqual(linesOfMachine(machine));
  });

  it.each(MUTANTS)('finds %s', (_name, path, value, expected) => {
    const known = compare(machine, connectionChart);
    const { undeclared, missing } = compare(mutate(machine, path, value), connectionChart);
    const isNew = (line: string) => ![...known.undeclared, ...known.missing].includes(line);
    expect({ undeclared: undeclared.filter(isNew), missing: missing.filter(isNew) }).toEqual(expected);
  });

  it('finds a lost announcement of an entry, on an arrow that leads there', () => {
    const mute = mutate(machine, ['states', 'connected', 'entry'], ['noteUp', 'settle']);
    expect(compare(mute, connectionChart).missing).toContain(
      'checking.offered | link.up → connected.steady announcing up',
    );
  });

  it('finds an announcement of an exit', () => {
    const loud = mutate(machine, ['states', 'failed', 'exit'], 'tellUp');
    expect(compare(loud, connectionChart).undeclared).toContain('failed | close → closed announcing up');
  });

  it('finds a lost announcement of the outage', () => {
    const mute = mutate(outageMachine, ['states', 'told', 'on', 'up', 'actions'], 'noteAnswered');
    expect(compare(mute, outageChart)).toEqual({
      missing: ['told | up → none announcing restored'],
      undeclared: ['told | up → none'],
    });
  });

  it('finds a missing invoke', () => {
    const deaf = mutate(machine, ['states', 'disconnected', 'invoke'], []);
    expect(invokesOf(deaf)).not.toEqual(connectionChart.states);
  });
});
