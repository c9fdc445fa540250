import type { TestPage } from './browser-page';
import type { Driver } from './page-driver';

/** Calls a helper of the driver in a page: `drive(page, 'join', 'game', 1)`. */
export function drive<K extends keyof Driver>(
  page: TestPage,
  name: K,
  ...args: Parameters<Driver[K]>
): Promise<Awaited<ReturnType<Driver[K]>>> {
  return page.evaluate<Call, Awaited<ReturnType<Driver[K]>>>(callDriver, { name, args });
}

interface Call {
  readonly name: keyof Driver;
  readonly args: readonly unknown[];
}

/** Runs in the page, so it may name nothing from this file. */
function callDriver({ name, args }: Call) {
  return Reflect.apply(window.driver[name], window.driver, args);
}
