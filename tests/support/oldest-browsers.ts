import { transform } from 'esbuild';

/** The oldest that the README names. */
const OLDEST = ['chrome92', 'firefox90'];

/** The names of those files in which the bundler finds something to say in words that are as old as these browsers. It knows syntax alone. */
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
