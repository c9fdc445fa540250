import { transform } from 'esbuild';

/** The oldest browsers that the README names, except Safari. */
const OLDEST = ['chrome92', 'firefox90'];

/** The names of the files that the bundler has to rewrite for browsers as old as these. It knows only syntax. */
export async function tooYoungFor(safari: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const isTooYoung = async ([name, code]: readonly [string, string]) => {
    const loader = name.endsWith('.css') ? 'css' : 'js';
    const [asItIs, older] = await Promise.all(
      ['esnext', [...OLDEST, safari]].map((target) => transform(code, { target, loader })),
    );
    return asItIs?.code === older?.code ? [] : [name];
  };
  return (await Promise.all([...files].map(isTooYoung))).flat();
}
