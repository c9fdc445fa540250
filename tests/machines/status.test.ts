import { describe, expect, it } from 'vitest';
import { startConnected, startConnection } from './world';

describe('the public status', () => {
  it('is empty before anything happens', () => {
    expect(startConnection().status).toEqual({
      state: 'new',
      attempts: 0,
      maxAttempts: 3,
      kind: null,
      waitingFor: null,
      failure: null,
    });
  });

  it('is connected during a restart under a live link, and names its kind', () => {
    const world = startConnected();
    world.send('restart');
    expect(world.status).toMatchObject({ state: 'connected', kind: 'ice-restart' });
  });

  it.each(['link.up', 'ice.disconnected'] as const)('names no kind after %s', (event) => {
    const world = startConnected();
    world.send('restart', event);
    expect(world.status.kind).toBeNull();
  });

  it('names what a recovery waits for', () => {
    const world = startConnected();
    world.send('channel.closed');
    expect(world.status).toMatchObject({ state: 'restarting', kind: 'rebuild', waitingFor: 'backoff' });
    world.send('signaling.down');
    expect(world.status).toMatchObject({ state: 'restarting', waitingFor: 'signaling' });
    world.send('signaling.up', 'attempt.counted');
    expect(world.status).toMatchObject({ state: 'restarting', attempts: 1, waitingFor: null });
  });

  it('carries the failure in failed', () => {
    const world = startConnected({ timings: { maxIceRestarts: 0 } });
    world.send('ice.failed');
    expect(world.status).toMatchObject({
      state: 'failed',
      kind: null,
      maxAttempts: 0,
      failure: { cause: 'ice.failed' },
    });
  });

  it('follows the life of a link', () => {
    const world = startConnection();
    const states: string[] = [];
    world.actor.subscribe(() => {
      if (states.at(-1) !== world.status.state) states.push(world.status.state);
    });
    world.send('connect', 'link.up', 'ice.disconnected', 'ice.failed', 'link.up', 'remote.left');
    expect(states).toEqual(['checking', 'connected', 'disconnected', 'restarting', 'connected', 'closed']);
  });
});
