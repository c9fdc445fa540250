import { createFakeWorld } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PRESETS } from '../../machines';
import { Controller } from '../../src/controller/controller';
import { resolveOptions } from '../../src/controller/options';
import { socketIoTransport } from '../../src/signaling/socket-io-transport';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createController() {
  const { a, gameId } = createFakeWorld();
  return new Controller(
    {
      gameId,
      me: a.playerId,
      options: resolveOptions({ environment: a.environment, logger: 'silent' }),
      transport: socketIoTransport(a.socket),
      sendSignal: async () => 'relayed',
      iceServers: () => [],
      sampleStats: () => () => {},
      message() {},
    },
    { announced() {}, status() {}, path() {} },
  );
}

describe('a controller for one other player', () => {
  it.each([2, '2'])('connects to the same player once, whatever the type of its id: %j', (same) => {
    const controller = createController();
    controller.connect(2);
    const own = controller.link;
    controller.connect(same);
    expect([controller.target, controller.link]).toEqual([2, own]);
    controller.close();
  });

  it('renews an attempt at the pace of its plan', async () => {
    const controller = createController();
    controller.connect(2);
    const { links } = controller;
    const renewed = links && vi.spyOn(links, 'renewAttempt');
    await vi.advanceTimersByTimeAsync(PRESETS.default.connectTimeoutMs + 1_500);
    expect(renewed?.mock.calls).toEqual([['ice-restart', 1_000]]);
    controller.close();
  });

  it('joins a restart that is under way, and cannot restart before it connects or after it is closed', () => {
    const controller = createController();
    expect(controller.restart()).toBe(false);
    controller.connect(2);
    expect(controller.restart()).toBe(true);
    controller.close();
    expect(controller.restart()).toBe(false);
  });
});
