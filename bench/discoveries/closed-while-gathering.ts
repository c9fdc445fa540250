/** `npx tsx bench/discoveries/closed-while-gathering.ts`: how many closed bare connections Chromium keeps, by the time of `close()`. */
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS } from '../../tests/support/chromium';
import { programPath } from '../../tests/support/requirements';

const CONNECTIONS = 100;

/** The code that each page awaits before it closes a connection. */
const MOMENTS = {
  'before a description': '',
  'within the 8 ms after its description': `
    await pc.setLocalDescription();
    await new Promise((go) => setTimeout(go, 8 * Math.random()));`,
  'when gathering is complete, and told': `
    const told = new Promise((go) => {
      pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && setTimeout(go, 0);
    });
    await pc.setLocalDescription();
    await told;
    pc.onicegatheringstatechange = null;`,
};

const play = (until: string) => `(async () => {
  for (let made = 0; made < ${CONNECTIONS}; made += 1) {
    const pc = new RTCPeerConnection();
    pc.createDataChannel('game');
    ${until}
    pc.close();
  }
})()`;

const browser = await chromium.launch({ executablePath: programPath('chromium'), args: CHROMIUM_FLAGS });
try {
  const page = await browser.newPage();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const kept = async (): Promise<number> => {
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'RTCPeerConnections')?.value ?? Number.NaN;
  };
  console.log(`Chromium ${browser.version()}, ${CONNECTIONS} connections each`);
  for (const [moment, until] of Object.entries(MOMENTS)) {
    const before = await kept();
    await page.evaluate(play(until));
    console.log(`closed ${moment}: ${(await kept()) - before} kept`);
  }
} finally {
  await browser.close();
}
