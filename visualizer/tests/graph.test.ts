import { createConnectionMachine } from 'holdfast/machines';
import { describe, expect, it } from 'vitest';
import { eventNameOf, graphOf } from '../src/graph';
import { centerOf, NARROW, pathBetween, WIDE } from '../src/layout';
import { eventsOf } from '../src/panel';

const graph = graphOf(createConnectionMachine().root);
const arrow = (from: string, to: string) => graph.arrows.find((each) => each.from === from && each.to === to);

describe('the graph of the connection machine', () => {
  it('has the seven states in the order of the chart', () => {
    expect(graph.states).toEqual([
      'new',
      'checking',
      'connected',
      'disconnected',
      'restarting',
      'failed',
      'closed',
    ]);
  });

  it('has the arrows of the chart, those of nested states folded into the public ones', () => {
    const pairs = graph.arrows.filter(({ to }) => to !== 'closed').map(({ from, to }) => `${from} → ${to}`);
    expect(pairs.sort()).toEqual([
      'checking → connected',
      'checking → failed',
      'checking → restarting',
      'connected → disconnected',
      'connected → failed',
      'connected → restarting',
      'disconnected → connected',
      'disconnected → failed',
      'disconnected → restarting',
      'failed → checking',
      'failed → restarting',
      'new → checking',
      'restarting → connected',
      'restarting → failed',
    ]);
  });

  it('leads to closed from every state but itself, and out of it nowhere', () => {
    const closing = graph.arrows.filter(({ to }) => to === 'closed').map(({ from }) => from);
    expect(closing).toEqual(graph.states.filter((state) => state !== 'closed'));
    expect(eventsOf(graph, 'closed')).toEqual([]);
  });

  it('names events and delays as a reader would', () => {
    expect(arrow('connected', 'disconnected')?.events).toEqual(['ice.disconnected', 'life.silent']);
    expect(arrow('disconnected', 'restarting')?.events).toContain('after disconnectTimeout');
    expect(eventNameOf('xstate.init')).toBe('start');
  });

  it('gives both ways of an arrow that the policy may turn', () => {
    expect(eventsOf(graph, 'connected')).toContainEqual({
      event: 'ice.failed',
      targets: ['restarting', 'failed'],
    });
  });
});

describe.each([
  ['wide', WIDE],
  ['narrow', NARROW],
])('the %s layout', (_name, layout) => {
  it('keeps every box inside the picture and off the others', () => {
    const { width, height } = layout.box;
    const centers = graph.states.map((state) => centerOf(state, layout));
    for (const { x, y } of centers) {
      expect([x - width / 2 >= 0, x + width / 2 <= layout.width]).toEqual([true, true]);
      expect([y - height / 2 >= 0, y + height / 2 <= layout.height]).toEqual([true, true]);
    }
    const overlaps = centers.flatMap((a, index) =>
      centers.slice(index + 1).filter((b) => Math.abs(a.x - b.x) < width && Math.abs(a.y - b.y) < height),
    );
    expect(overlaps).toEqual([]);
  });

  it('draws each arrow with numbers', () => {
    const paths = graph.arrows.map(({ from, to }) => pathBetween(from, to, true, layout));
    expect(paths.filter((path) => !/^M [-\d. ]+(L|C) [-\d., ]+$/.test(path))).toEqual([]);
  });
});
