import type { Page } from 'puppeteer-core';
import { type LabPage, labPage } from './lab-page.js';

export const puppeteerPage = (page: Page): LabPage =>
  labPage({
    goto: (url) => page.goto(url),
    evaluateText: (expression) => page.evaluate(expression),
    addScript: (content) => page.addScriptTag({ content }),
    reload: () => page.reload(),
    close: () => page.close(),
  });
