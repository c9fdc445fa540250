/** What the lab needs of a browser driver's page. */
export interface PageDriver {
  goto(url: string): Promise<unknown>;
  /** Evaluates an expression in the page and awaits it if it is a promise. */
  evaluateText(expression: string): Promise<unknown>;
  addScript(source: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A page in any browser of the lab. */
export interface LabPage extends PageDriver {
  /** Runs a self-contained function in the page; its argument and result are JSON. */
  evaluate<Argument, Result>(
    fn: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result>;
}

export interface LabBrowser {
  readonly name: 'chromium' | 'firefox';
  newPage(): Promise<LabPage>;
  /** Ends the browser at once, without goodbyes: a crash. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export function labPage(driver: PageDriver): LabPage {
  return {
    ...driver,
    evaluate: async <Argument, Result>(
      fn: (argument: Argument) => Result | Promise<Result>,
      argument: Argument,
    ): Promise<Result> => {
      // The transpiler wraps inner functions in __name(), which the page does not have.
      const call = `((__name) => (${fn.toString()})(${JSON.stringify(argument) ?? ''}))((named) => named)`;
      // The one untyped edge: what a page returns has the type of the function that ran there.
      return (await driver.evaluateText(call)) as Result;
    },
  };
}
