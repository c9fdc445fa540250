import { describe, expect, it } from 'vitest';
import { FreshnessGate } from '../../src/peer/freshness-gate';

describe('the gate for messages after an outage', () => {
  it('is open until the first outage', () => {
    const gate = new FreshnessGate();
    gate.onSignOfLife(() => expect.unreachable('nobody doubts'));
    expect(gate.isOpen).toBe(true);
  });

  it('stays shut after the first sign of life, and opens with the echo of a ping that left after it', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.onEcho(6);
    gate.onSignOfLife(() => 7);
    expect(gate.isOpen).toBe(false);
    gate.onEcho(6);
    expect(gate.isOpen).toBe(false);
    gate.onEcho(7);
    expect(gate.isOpen).toBe(true);
  });

  it('opens with the echo of a later ping when the first was lost', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.onSignOfLife(() => 7);
    gate.onSignOfLife(() => expect.unreachable('one question is enough'));
    gate.onEcho(9);
    expect(gate.isOpen).toBe(true);
  });

  it('is shut again by the next outage, whatever was asked before', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.onSignOfLife(() => 7);
    gate.close();
    gate.onEcho(7);
    expect(gate.isOpen).toBe(false);
  });

  it('opens at once when no ping can be sent', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.onSignOfLife(() => null);
    expect(gate.isOpen).toBe(true);
  });
});
