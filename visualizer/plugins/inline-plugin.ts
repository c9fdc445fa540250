import type { Plugin } from 'vite';

type Bundle = Parameters<Extract<Plugin['generateBundle'], (...args: never[]) => unknown>>[1];

/**
 * Inlines scripts and styles, so that the page is a single file. Sharing saves this file with a recording in it. elk's worker stays a
 * separate file.
 */
export function inlinePlugin(): Plugin {
  return {
    name: 'holdfast-inline',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const page of Object.values(bundle)) {
        if (page.type !== 'asset' || !page.fileName.endsWith('.html')) continue;
        page.source = inline(String(page.source), bundle);
      }
    },
  };
}

function inline(page: string, bundle: Bundle): string {
  return page
    .replace(/<script type="module"[^>]* src="\.\/([^"]+)"><\/script>/g, (tag, file: string) => {
      const chunk = bundle[file];
      if (chunk?.type !== 'chunk') return tag;
      delete bundle[file];
      delete bundle[`${file}.map`];
      // Otherwise the element would end inside a string.
      return `<script type="module">${withoutMap(chunk.code).replaceAll('</script', '<\\/script')}</script>`;
    })
    .replace(/<link rel="stylesheet"[^>]* href="\.\/([^"]+)">/g, (tag, file: string) => {
      const style = bundle[file];
      if (style?.type !== 'asset') return tag;
      delete bundle[file];
      return `<style>${String(style.source)}</style>`;
    });
}

const withoutMap = (code: string): string => code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
