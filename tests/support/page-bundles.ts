import { build } from 'vite';
import { root } from './root';

export interface BundleOptions {
  /** Path from the root of the repository. */
  readonly entry: string;
  readonly format: 'es' | 'iife';
  /** The global of an IIFE. */
  readonly globalName?: string;
}

/** Bundles a file from source, in memory, with everything it imports: pages never see a stale build. */
export async function bundle({ entry, format, globalName = 'unused' }: BundleOptions): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    resolve: { tsconfigPaths: true },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: `${root}${entry}`, formats: [format], name: globalName },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  const chunk = outputs.find((output) => output.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error(`no bundle came of ${entry}`);
  return chunk.code;
}
