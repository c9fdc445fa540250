import { describe, expect, it } from 'vitest';
import { FreshnessGate } from '../../src/peer/freshness-gate';

describe('the gate for messages after an outage', () => {
  it('is open until the first outage', () => {
    const gate = new FreshnessGate();
    gate.hear(() => expect.unreachable('nobody doubts'));
    expect(gate.isOpen).toBe(true);
  });

  it('stays shut after the first sign of life, and opens with the echo of a ping that left after it', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.echo(6);
    gate.hear(() => 7);
    expect(gate.isOpen).toBe(false);
    gate.echo(6);
    expect(gate.isOpen).toBe(false);
    gate.echo(7);
    expect(gate.isOpen).toBe(true);
  });

  it('opens with the echo of a later ping when the first was lost', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.hear(() => 7);
    gate.hear(() => expect.unreachable('one question is enough'));
    gate.echo(9);
    expect(gate.isOpen).toBe(true);
  });

  it('is shut again by the next outage, whatever was asked before', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.hear(() => 7);
    gate.close();
    gate.echo(7);
    expect(gate.isOpen).toBe(false);
  });

  it('opens at once when no ping can be sent', () => {
    const gate = new FreshnessGate();
    gate.close();
    gate.hear(() => null);
    expect(gate.isOpen).toBe(true);
  });
});
