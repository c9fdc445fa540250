/** A difference between two JSON values, with the path of the member. */
export interface Change {
  path: string;
  before: string;
  after: string;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const wordsFor = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));

export function changesBetween(before: unknown, after: unknown, path = ''): Change[] {
  if (!isTree(before) || !isTree(after)) {
    const [was, is] = [wordsFor(before), wordsFor(after)];
    return was === is ? [] : [{ path, before: was, after: is }];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    changesBetween(before[key], after[key], path === '' ? key : `${path}.${key}`),
  );
}
