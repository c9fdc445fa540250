/** Scripts that run in the measured pages: sent as text, so each uses its argument and page globals only. */

/** Frames since `forget`, in ms, and when the chart was first on the screen. */
export interface PageFigures {
  frames: number[];
  chartPaintedMs: number | null;
}

declare global {
  interface Window {
    figures: PageFigures;
  }
}

/** Notes every frame, and the frame after the one in which the chart was drawn. */
export function noteFrames(): void {
  const figures: PageFigures = { frames: [], chartPaintedMs: null };
  window.figures = figures;
  let last = performance.now();
  const frame = (nowMs: number) => {
    figures.frames.push(nowMs - last);
    last = nowMs;
    const isDrawn = performance.getEntriesByName('chart-drawn').length > 0;
    if (isDrawn && figures.chartPaintedMs === null) {
      figures.chartPaintedMs = 0;
      // The frame that is begun here is on the screen when the next one begins.
      requestAnimationFrame(() => {
        figures.chartPaintedMs = performance.now();
      });
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** What is broadcast: a session, and then the other lines over and over. */
export interface Broadcast {
  session: string;
  lines: string[];
  perSecond: number;
}

/** Broadcasts records as fast as asked, under a `seq` and clock that go on. */
export function broadcastRecords({ session, lines, perSecond }: Broadcast): void {
  const begin = JSON.parse(session);
  const records = lines.map((line) => JSON.parse(line));
  const channel = new BroadcastChannel('holdfast-inspect');
  const startMs = performance.now();
  const startWallMs = Date.now();
  let seq = 0;
  setInterval(() => {
    const atMs = performance.now() - startMs;
    const batch = [];
    for (; seq < (atMs / 1_000) * perSecond; seq++) {
      const record = seq === 0 ? begin : records[seq % records.length];
      batch.push({ ...record, link: 'bench', seq: seq + 1, atMs, wallMs: startWallMs + atMs });
    }
    if (batch.length > 0)
      channel.postMessage({ holdfast: 1, type: 'records', isControllable: false, records: batch });
  }, 40);
}

/** Times the choice of the file of that name, until its recording is on the screen. */
export function timeNextFile(name: string): void {
  const input = document.querySelector('#file');
  const opened = new Promise<number>((resolve) => {
    input?.addEventListener(
      'change',
      () => {
        const startMs = performance.now();
        const look = () => {
          const isShown =
            document.querySelector('#banner')?.textContent?.startsWith(`Recording ${name}:`) === true;
          requestAnimationFrame(isShown ? () => resolve(performance.now() - startMs) : look);
        };
        requestAnimationFrame(look);
      },
      { capture: true, once: true },
    );
  });
  Object.assign(window, { opened });
}

/** Resolves with ms until the page has read on to the end of the recording. */
export async function timeReading(): Promise<number> {
  const startMs = performance.now();
  let isReading = true;
  while (isReading) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    isReading = document.body.hasAttribute('data-reading');
  }
  return performance.now() - startMs;
}

/** Moves the hand from end to end with every frame. Gives the frames, in ms. */
export async function scrubThrough(steps: number): Promise<number[]> {
  const slider = document.querySelector<HTMLInputElement>('.line-of-time input');
  if (!slider) throw new Error('the page has no line of time');
  const frames: number[] = [];
  let last = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
  for (let step = 0; step <= steps; step++) {
    // There and back: a reader's hand does not move one way.
    const share = 1 - Math.abs(1 - (2 * step) / steps);
    slider.valueAsNumber = Math.round(Number(slider.max) * share);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const nowMs = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    frames.push(nowMs - last);
    last = nowMs;
  }
  return frames;
}
