import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser, TestPage } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { type Coturn, startCoturn } from '../support/coturn';
import { launchFirefox } from '../support/firefox';
import { type PageServer, startPageServer } from '../support/page-server';
import { requires } from '../support/requirements';
import { soon } from './soon';

/** The harness itself, without the library, so that a failing test of the library is the library's fault. */

interface Description {
  readonly type: RTCSdpType;
  readonly sdp: string;
}

/** Two bare connections in one page; returns what the second received. */
async function talkInOnePage(): Promise<string> {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => candidate && void there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => candidate && void here.addIceCandidate(candidate);
  const channel = here.createDataChannel('game');
  channel.onopen = () => channel.send('hello');
  const received = new Promise<string>((resolve) => {
    there.ondatachannel = (event) => {
      event.channel.onmessage = ({ data }) => resolve(String(data));
    };
  });
  await here.setLocalDescription();
  if (here.localDescription) await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  if (there.localDescription) await here.setRemoteDescription(there.localDescription);
  const text = await received;
  here.close();
  there.close();
  return text;
}

/** The offerer's half: gathers everything, keeps the connection on `window`, returns the offer. */
async function makeOffer(): Promise<Description> {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('game');
  channel.onopen = () => channel.send('over');
  const gathered = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => candidate === null && resolve();
  });
  await connection.setLocalDescription();
  await gathered;
  Object.assign(window, { connection });
  return { type: 'offer', sdp: connection.localDescription?.sdp ?? '' };
}

async function makeAnswer(offer: Description): Promise<Description> {
  const connection = new RTCPeerConnection();
  const gathered = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => candidate === null && resolve();
  });
  const received = new Promise<string>((resolve) => {
    connection.ondatachannel = (event) => {
      event.channel.onmessage = ({ data }) => resolve(String(data));
    };
  });
  await connection.setRemoteDescription(offer);
  await connection.setLocalDescription();
  await gathered;
  Object.assign(window, { received });
  return { type: 'answer', sdp: connection.localDescription?.sdp ?? '' };
}

async function takeAnswer(answer: Description): Promise<void> {
  const connection: unknown = Reflect.get(window, 'connection');
  if (connection instanceof RTCPeerConnection) await connection.setRemoteDescription(answer);
}

/** What the answerer received over the link. */
async function whatCame(): Promise<unknown> {
  return await Reflect.get(window, 'received');
}

async function signalThroughTheTest(offerer: TestPage, answerer: TestPage): Promise<unknown> {
  const offer = await offerer.evaluate(makeOffer, undefined);
  const answer = await answerer.evaluate(makeAnswer, offer);
  await offerer.evaluate(takeAnswer, answer);
  return answerer.evaluate(whatCame, undefined);
}

/** Types of the candidates that a relay-only connection gathers. */
async function relayCandidates(iceServers: RTCIceServer[]): Promise<string[]> {
  const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
  connection.createDataChannel('game');
  const types: string[] = [];
  const gathered = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) resolve();
      else if (candidate.candidate !== '') types.push(candidate.type ?? 'none');
    };
  });
  await connection.setLocalDescription();
  await gathered;
  connection.close();
  return types;
}

let pages: PageServer;

beforeAll(async () => {
  pages = await startPageServer();
});
afterAll(() => pages.close());

async function blankPage(browser: TestBrowser): Promise<TestPage> {
  const page = await browser.newPage();
  await page.goto(pages.blankUrl);
  return page;
}

describe.skipIf(!requires('chromium', 'firefox'))('the browser harness', () => {
  let chromium: TestBrowser;
  let firefox: TestBrowser;

  beforeAll(async () => {
    [chromium, firefox] = await Promise.all([launchChromium(), launchFirefox()]);
  });
  afterAll(() => Promise.all([chromium.close(), firefox.close()]));

  it('joins two bare connections in one Chromium page', async () => {
    const page = await blankPage(chromium);
    expect(await page.evaluate(talkInOnePage, undefined)).toBe('hello');
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it('joins two bare connections in one Firefox page', async () => {
    const page = await blankPage(firefox);
    expect(await page.evaluate(talkInOnePage, undefined)).toBe('hello');
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it('joins Chromium to Firefox and Firefox to Chromium', async () => {
    const [left, right] = await Promise.all([blankPage(chromium), blankPage(firefox)]);
    expect(await signalThroughTheTest(left, right)).toBe('over');
    expect(await signalThroughTheTest(right, left)).toBe('over');
    await Promise.all([left.close(), right.close()]);
  });

  it('opens only visible windows', async () => {
    const opened = [
      await blankPage(chromium),
      await blankPage(chromium),
      await blankPage(firefox),
      await blankPage(firefox),
    ];
    const frames = opened.map((page) =>
      page.evaluate(
        () => new Promise<string>((done) => requestAnimationFrame(() => done('drawn'))),
        undefined,
      ),
    );
    expect(await Promise.all(frames)).toEqual(['drawn', 'drawn', 'drawn', 'drawn']);
    await Promise.all(opened.map((page) => page.close()));
  });

  it('collects the errors of a page', async () => {
    for (const browser of [chromium, firefox]) {
      const page = await blankPage(browser);
      await page.evaluate(() => console.error('went wrong'), undefined);
      await soon(async () => page.errors).toEqual(['went wrong']);
      await page.close();
    }
  });

  describe.skipIf(!requires('coturn'))('with a relay', () => {
    let coturn: Coturn;
    beforeAll(async () => {
      coturn = await startCoturn();
    });
    afterAll(() => coturn.dispose());

    it('gathers a relay candidate in both browsers, even after the relay was restarted', async () => {
      const opened = [await blankPage(chromium), await blankPage(firefox)];
      const gather = () =>
        Promise.all(opened.map((page) => page.evaluate(relayCandidates, coturn.iceServers)));
      expect(await gather()).toEqual([['relay'], ['relay']]);
      await coturn.stop();
      await coturn.start();
      expect(await gather()).toEqual([['relay'], ['relay']]);
      await Promise.all(opened.map((page) => page.close()));
    });
  });
});
