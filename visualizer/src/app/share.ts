import type { Layout } from '../chart/layout';
import { trusted } from '../untyped-edge';

const ID = 'shared';

/** What travels in a page: the recording as lines, and the pictures of its machines. */
export interface Shared {
  name: string;
  lines: string;
  layouts: Record<string, Layout>;
}

/** The page as it was served, before anything is drawn: all that a shared file needs. */
const pristine = `<!doctype html>\n${document.documentElement.outerHTML}`;

/** False where scripts and styles are files beside the page, as a development server has them. */
export const canShare = document.querySelector('script[src], link[rel=stylesheet]') === null;

/** One HTML file: it opens from a disk, and asks nobody for anything. */
export function sharedFile(shared: Shared): string {
  // In JSON an escaped `<` stands for itself; as it is, one in a text could end the element.
  const json = JSON.stringify(shared).replaceAll('<', '\\u003c');
  const page = withoutShared(pristine);
  const at = page.lastIndexOf('</body>');
  return `${page.slice(0, at)}<script type="application/json" id="${ID}">${json}</script>${page.slice(at)}`;
}

/** A shared page can be shared again. */
const withoutShared = (page: string): string =>
  page.replace(new RegExp(`<script type="application/json" id="${ID}">[^<]*</script>`), '');

/** What came in this page, or null. */
export function readShared(): Shared | null {
  const text = document.getElementById(ID)?.textContent;
  return text ? trusted<Shared>(text) : null;
}
