import { afterEach, beforeEach } from 'vitest';

/** Collects rejections and exceptions that nobody caught while a test of this file runs. */
export function catchRejections(): unknown[] {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => void rejections.push(reason);
  beforeEach(() => {
    rejections.length = 0;
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
  });
  return rejections;
}
