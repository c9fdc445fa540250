/** One interface for Playwright's and Puppeteer's pages, so that a test is written once for both browsers. */

type BrowserName = 'chromium' | 'firefox';

/** A function that runs in the page: it is sent as text, so it may use its argument and page globals only. */
type InPage<A, R> = (arg: A) => R | Promise<R>;

/** One visible window with timers that are not throttled. */
export interface TestPage {
  readonly browser: BrowserName;
  /** Uncaught exceptions and `console.error` lines so far, in order. */
  readonly errors: readonly string[];
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs `fn` in the page and awaits what it returns; argument and result must be JSON. */
  evaluate<A, R>(fn: InPage<A, R>, arg: A): Promise<R>;
  /** Closes the window as a user does: the page gets `pagehide`, its peer gets nothing from it. */
  close(): Promise<void>;
}

export interface TestBrowser {
  readonly name: BrowserName;
  /** Opens a window of its own, with its own profile, because a hidden page draws no frames. */
  newPage(): Promise<TestPage>;
  /** Kills the browser without notice, as a crash does. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** A wrapper that ends in `exec chromium "$@"` puts the browser into a network namespace. */
  readonly executablePath?: string;
  readonly args?: readonly string[];
}

/** The part of Playwright's and Puppeteer's page that is the same. */
interface DrivenPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
}

/** The parts that differ, or whose types differ. */
interface PageParts {
  readonly browser: BrowserName;
  readonly page: DrivenPage;
  readonly errors: readonly string[];
  readonly close: () => Promise<void>;
}

export function testPage({ browser, page, errors, close }: PageParts): TestPage {
  return {
    browser,
    errors,
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    evaluate: async <A, R>(fn: InPage<A, R>, arg: A) =>
      // The untyped edge: JSON comes back from another process.
      (await page.evaluate(`(${fn.toString()})(${argumentText(arg)})`)) as R,
    close,
  };
}

function argumentText(arg: unknown): string {
  return arg === undefined ? 'undefined' : JSON.stringify(arg);
}

const POLL_MS = 20;

/** Reads repeatedly until the value is accepted, and returns it; fails with the last value seen. */
export async function eventually<T>(
  read: () => Promise<T> | T,
  accept: (value: T) => boolean,
  { timeoutMs = 30_000, what = 'the awaited value' }: { timeoutMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(`${what} did not come within ${timeoutMs} ms; last seen: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
