import type { Layout } from '../chart/layout';
import { trusted } from '../untyped-edge';

const ID = 'shared';

/** The contents of a shared page: the recording as lines, and the layouts of its machines. */
export interface Shared {
  name: string;
  lines: string;
  layouts: Record<string, Layout>;
}

/** The page as it was served, before anything is drawn. A shared file needs nothing else. */
const pristine = `<!doctype html>\n${document.documentElement.outerHTML}`;

/** False if scripts and styles are separate files, as on a development server. */
export const canShare = document.querySelector('script[src], link[rel=stylesheet]') === null;

/** One HTML file that opens from a disk and loads nothing else. */
export function sharedFile(shared: Shared): string {
  // Escaped, because a `<` in a text could end the script element.
  const json = JSON.stringify(shared).replaceAll('<', '\\u003c');
  const page = withoutShared(pristine);
  const at = page.lastIndexOf('</body>');
  return `${page.slice(0, at)}<script type="application/json" id="${ID}">${json}</script>${page.slice(at)}`;
}

/** Removes an earlier recording, because a shared page can be shared again. */
const withoutShared = (page: string): string =>
  page.replace(new RegExp(`<script type="application/json" id="${ID}">[^<]*</script>`), '');

/** The recording that this page contains, or null. */
export function readShared(): Shared | null {
  const text = document.getElementById(ID)?.textContent;
  return text ? trusted<Shared>(text) : null;
}
