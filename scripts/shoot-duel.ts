/** Regenerates docs/duel-*.png: a duel in one of two windows, wide and on a phone. */
import { openWatchVenue } from '../tests/browser/watch-venue';

const SHOTS = [
  { file: 'duel-wide', options: { viewport: { width: 1280, height: 800 } } },
  {
    file: 'duel-phone',
    options: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  },
] as const;

const venue = await openWatchVenue();
for (const { file, options } of SHOTS) {
  const profile = await venue.openProfile(options);
  const [page, other] = [await profile.play(1), await profile.play(2)];
  // A hidden window draws no frames, so each window is in front while it acts.
  await other.bringToFront();
  await other.keyboard.down('ArrowDown');
  await other.keyboard.down('Space');
  await page.bringToFront();
  await page.locator('#path', { hasText: 'direct' }).waitFor();
  await page.keyboard.down('ArrowUp');
  await page.keyboard.down('Space');
  // Until the countdown is over, ships are flying and shots are in flight.
  await page.waitForTimeout(5_000);
  await page.screenshot({ path: `docs/${file}.png` });
  if (profile.errors.length > 0) throw new Error(`${file}: ${profile.errors.join(', ')}`);
  await profile.close();
  console.log(`docs/${file}.png`);
}
await venue.close();
