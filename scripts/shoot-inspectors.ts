/** Regenerates docs/inspector-*.png: both viewers in an outage, light and dark, and one on a phone. */
import { openInspectorVenue } from '../tests/browser/inspector-venue';

const SHOTS = [
  { name: 'stately', file: 'inspector-stately', colorScheme: 'light', width: 1280, height: 860 },
  { name: 'classic', file: 'inspector-classic', colorScheme: 'dark', width: 1280, height: 860 },
  { name: 'stately', file: 'inspector-phone', colorScheme: 'light', width: 390, height: 1300 },
] as const;

const venue = await openInspectorVenue();
for (const { name, file, colorScheme, width, height } of SHOTS) {
  const { page, viewer, press, close } = await venue.open(name, { colorScheme, viewport: { width, height } });
  await press('Connect');
  await viewer.locator('#state', { hasText: 'connected' }).waitFor();
  await press('Cut the network');
  await viewer.locator('#state', { hasText: 'restarting.waiting.reach' }).waitFor();
  await page.screenshot({ path: `docs/${file}.png` });
  await close();
}
await venue.close();
