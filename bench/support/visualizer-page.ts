/** Scripts for the measured pages. They are sent as text, so each may use only its argument and globals of the page. */

/** Durations of frames since `forget`, in ms, and when the chart was first visible. */
export interface PageFigures {
  frames: number[];
  chartPaintedMs: number | null;
}

declare global {
  interface Window {
    figures: PageFigures;
  }
}

/** Records every frame, and the first frame after the chart was drawn. */
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
      // A frame is visible when the next one begins.
      requestAnimationFrame(() => {
        figures.chartPaintedMs = performance.now();
      });
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** The broadcast records: a session, and then the other lines repeatedly. */
export interface Broadcast {
  session: string;
  lines: string[];
  perSecond: number;
}

/** Broadcasts records at the given rate, with increasing `seq` and time. */
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

/** Measures the time from choosing a file until its recording is visible. */
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

/** Resolves once the page has read the whole recording, with the time it took in ms. */
export async function timeReading(): Promise<number> {
  const startMs = performance.now();
  let isReading = true;
  while (isReading) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    isReading = document.body.hasAttribute('data-reading');
  }
  return performance.now() - startMs;
}

/** Moves the slider from end to end with every frame. @returns the durations of the frames, in ms. */
export async function scrubThrough(steps: number): Promise<number[]> {
  const slider = document.querySelector<HTMLInputElement>('.line-of-time input');
  if (!slider) throw new Error('the page has no timeline');
  const frames: number[] = [];
  let last = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
  for (let step = 0; step <= steps; step++) {
    // Back and forth, like a user.
    const share = 1 - Math.abs(1 - (2 * step) / steps);
    slider.valueAsNumber = Math.round(Number(slider.max) * share);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const nowMs = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    frames.push(nowMs - last);
    last = nowMs;
  }
  return frames;
}
