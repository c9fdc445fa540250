import type { Watched } from '../model/workspace';

/** The records of several links as the lines of one file, in order of time. */
export function linesOf(links: readonly Watched[]): string {
  const lines = links.flatMap(({ track }) => {
    const own: { timeMs: number; line: string }[] = [];
    for (let id = track.firstId; id < track.endId; id++) {
      const line = track.lineAt(id);
      if (line !== null) own.push({ timeMs: track.timeAt(id), line });
    }
    return own;
  });
  // The sort is stable, so the records of one link stay in order.
  lines.sort((a, b) => a.timeMs - b.timeMs);
  return lines.map(({ line }) => `${line}\n`).join('');
}

/** Lets the user save a text as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // By the next task the browser has started the download.
  setTimeout(() => URL.revokeObjectURL(url));
}

/** `holdfast-2026-02-03-14-05-09`, in local time. */
export function fileStem(nowMs: number): string {
  const local = new Date(nowMs - new Date(nowMs).getTimezoneOffset() * 60_000);
  return `holdfast-${local.toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')}`;
}

/** Accepts a file that is dropped anywhere on the page. */
export function acceptDrops(target: HTMLElement, take: (file: File) => void): void {
  let depth = 0;
  const enter = (event: DragEvent, by: number) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    depth = Math.max(0, depth + by);
    target.toggleAttribute('data-dropping', depth > 0);
  };
  target.addEventListener('dragenter', (event) => enter(event, 1));
  target.addEventListener('dragleave', (event) => enter(event, -1));
  target.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  target.addEventListener('drop', (event) => {
    depth = 0;
    target.removeAttribute('data-dropping');
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}
