import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANDIDATE, SDP, SECRETS } from '../../inspectors/demo/secrets';
import { requires } from '../support/requirements';
import {
  type InspectorName,
  type InspectorVenue,
  type InspectorWindow,
  openInspectorVenue,
} from './inspector-venue';

const STATES = ['new', 'checking', 'connected', 'disconnected', 'restarting', 'failed', 'closed'];
/** Addresses in the fake world of the demo, besides the planted ones. */
const FAKE_ADDRESSES = ['192.0.2.', '198.51.100.'];
const NEVER_SHOWN = [...Object.values(SECRETS), ...FAKE_ADDRESSES, 'a=ice-pwd', 'm=application', 'typ host'];

const DEADLINE = { timeout: 20_000 };
const soon = <Value>(read: () => Promise<Value>) => expect.poll(read, { ...DEADLINE, interval: 50 });

const stateOf = ({ viewer }: InspectorWindow) => soon(() => viewer.locator('#state').textContent());
const eventsOf = ({ viewer }: InspectorWindow) => viewer.locator('#log li').allInnerTexts();
const choose = ({ viewer }: InspectorWindow, actor: string) =>
  viewer.locator(`[data-actor="${actor}"]`).first().click();

const contextOf = async ({ viewer }: InspectorWindow): Promise<unknown> =>
  JSON.parse((await viewer.locator('#context').textContent()) ?? '');

/** The states in the log of the selected actor, oldest first. */
async function pathOf({ viewer }: InspectorWindow): Promise<string[]> {
  const lines = await viewer.locator('#log li.state .text').allInnerTexts();
  return lines.map((line) => line.replace(/^→ /, '').replace(/\..*/, '')).reverse();
}

/** Forbidden text in what the viewer received and shows. */
async function leaksOf(window: InspectorWindow): Promise<string[]> {
  const shown = (await window.viewer.locator('body').textContent()) ?? '';
  const told = (await window.heard()).join('\n');
  expect(told).toContain('hasPlan');
  return NEVER_SHOWN.filter((secret) => shown.includes(secret) || told.includes(secret));
}

describe.skipIf(!requires('chromium'))('in the page of', () => {
  let venue: InspectorVenue;

  beforeAll(async () => {
    venue = await openInspectorVenue();
  });
  afterAll(() => venue.close());

  describe.each<InspectorName>(['stately', 'classic'])('%s', (name) => {
    it('a link can be followed through an outage, with its definition and events', async () => {
      const window = await venue.open(name);
      const { viewer } = window;
      await stateOf(window).toBe('new');
      await soon(() => viewer.locator('#chart > .chart > details > summary').allInnerTexts()).toEqual(STATES);
      await window.press('Connect');
      await stateOf(window).toBe('connected.steady');
      await window.press('Cut the network');
      await stateOf(window).toMatch(/^restarting\./);
      expect(await viewer.locator('details.live').first().getAttribute('data-path')).toBe('restarting');
      await choose(window, 'player 1: outage');
      await stateOf(window).toBe('told');
      await choose(window, 'player 1: connection');
      await window.press('Restore the network');
      await stateOf(window).toBe('connected.steady');
      const path = await pathOf(window);
      expect(path.filter((state, index) => state !== path[index - 1])).toEqual([
        'new',
        'checking',
        'connected',
        'disconnected',
        'restarting',
        'connected',
      ]);
      const events = (await eventsOf(window)).join('\n');
      for (const type of ['life.silent', 'after disconnectTimeout']) expect(events).toContain(type);
      await choose(window, 'player 2: connection');
      await stateOf(window).toBe('connected.steady');
      expect(await leaksOf(window)).toEqual([]);
      expect({ outside: window.outside, errors: window.errors }).toEqual({ outside: [], errors: [] });
      await window.close();
    });

    it('the secrets of a careless machine are hidden, but not its other words', async () => {
      const window = await venue.open(name);
      await choose(window, 'game: careless');
      await stateOf(window).toBe('waiting');
      await window.press('Fetch servers');
      await stateOf(window).toBe('served');
      const context = await contextOf(window);
      expect(context).toMatchObject({ heard: 0, offer: '[redacted]' });
      expect((await eventsOf(window)).join('\n')).toContain('a member named by an address');
      await choose(window, 'game: inner');
      expect(await leaksOf(window)).toEqual([]);
      const told = (await window.heard()).join('\n');
      for (const whole of [SDP, CANDIDATE]) expect(told).not.toContain(JSON.stringify(whole).slice(1, -1));
      expect(told).toContain('a member named by an address');
      await window.close();
    });

    it('a viewer that joins after hundreds of events still shows definition and state', async () => {
      const window = await venue.open(name);
      await window.press('Connect');
      await stateOf(window).toBe('connected.steady');
      await window.press('300 events');
      await window.press('Reload the viewer');
      await soon(() => window.viewer.locator('#chart > .chart > details > summary').allInnerTexts()).toEqual(
        STATES,
      );
      await stateOf(window).toBe('connected.steady');
      await choose(window, 'game: careless');
      await soon(() => contextOf(window)).toMatchObject({
        heard: 300,
      });
      await choose(window, 'player 1: connection');
      await window.press('Close');
      await stateOf(window).toBe('closed');
      await window.press('Reload the viewer');
      await soon(() => window.viewer.locator('[data-actor="player 1: connection"]').textContent()).toContain(
        'closed',
      );
      expect(await leaksOf(window)).toEqual([]);
      expect({ outside: window.outside, errors: window.errors }).toEqual({ outside: [], errors: [] });
      await window.close();
    });
  });

  describe('classic', () => {
    const ask = (window: InspectorWindow, type: string) =>
      window.viewer.locator('body').evaluate((_, wanted) => {
        const event = JSON.stringify({
          name: wanted,
          data: { type: wanted },
          $$type: 'scxml',
          type: 'external',
          origin: 'x:0',
        });
        parent.postMessage({ type: 'xstate.event', event, service: 'x:0' }, '*');
      }, type);

    it('a viewer can send the allowed events, and no others', async () => {
      const window = await venue.open('classic', { search: '?control' });
      await window.press('Connect');
      await stateOf(window).toBe('connected.steady');
      expect(await window.viewer.locator('#controls button').allInnerTexts()).toEqual(['restart', 'close']);
      await ask(window, 'ice.disconnected');
      await window.viewer.getByRole('button', { name: 'restart' }).click();
      await soon(() => eventsOf(window)).toEqual(
        expect.arrayContaining([expect.stringContaining('restart')]),
      );
      expect((await eventsOf(window)).join('\n')).not.toContain('ice.disconnected');
      await window.viewer.getByRole('button', { name: 'close' }).click();
      await stateOf(window).toBe('closed');
      await window.close();
    });

    it('a page of another origin can send nothing, whatever the viewer may', async () => {
      const window = await venue.open('classic', { search: '?control' });
      await window.press('Connect');
      await stateOf(window).toBe('connected.steady');
      await window.page.evaluate(() => {
        const event = JSON.stringify({ name: 'close', data: { type: 'close' }, origin: 'x:0' });
        const message = JSON.stringify({ type: 'xstate.event', event, service: 'x:0' });
        const stranger = document.createElement('iframe');
        stranger.sandbox.add('allow-scripts');
        stranger.srcdoc = `<script>parent.postMessage(${message}, '*')</script>`;
        const isHeard = new Promise((resolve) => addEventListener('message', resolve));
        document.body.append(stranger);
        return isHeard.then(() => undefined);
      });
      await window.viewer.getByRole('button', { name: 'restart' }).click();
      await soon(() => eventsOf(window)).toEqual(
        expect.arrayContaining([expect.stringContaining('restart')]),
      );
      expect((await eventsOf(window)).join('\n')).not.toContain('close');
      await stateOf(window).toBe('connected.steady');
      await window.close();
    });

    it('a viewer can send nothing if nothing is allowed', async () => {
      const window = await venue.open('classic');
      await window.press('Connect');
      await stateOf(window).toBe('connected.steady');
      await ask(window, 'close');
      await ask(window, 'restart');
      await window.press('300 events');
      await choose(window, 'game: careless');
      await soon(() => contextOf(window)).toMatchObject({
        heard: 300,
      });
      await choose(window, 'player 1: connection');
      await stateOf(window).toBe('connected.steady');
      expect(await window.viewer.locator('#controls button').count()).toBe(0);
      await window.close();
    });
  });
});
