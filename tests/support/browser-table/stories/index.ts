import type { Laboratory } from '../laboratory';
import { births } from './births';
import { channels } from './channels';
import { endings } from './endings';
import { outages } from './outages';

const stories = { ...births, ...outages, ...endings, ...channels };

export type StoryName = keyof typeof stories;
/** What each story saw. */
export type Seen = { [Name in StoryName]: Awaited<ReturnType<(typeof stories)[Name]>> };

/** What each story saw, or why it did not reach its end. */
export interface Told {
  readonly seen: Partial<Seen>;
  readonly failures: Partial<Record<StoryName, unknown>>;
}

const STORY_NAMES = Object.keys(stories).filter((name): name is StoryName => name in stories);

/** A real browser runs all stories at once, a fake one runs them one after the other. */
export async function tellAll(laboratory: Laboratory): Promise<Told> {
  const teller: { [Name in StoryName]: (laboratory: Laboratory) => Promise<Seen[Name]> } = stories;
  const told: { seen: Partial<Seen>; failures: Partial<Record<StoryName, unknown>> } = {
    seen: {},
    failures: {},
  };
  const tell = async <Name extends StoryName>(name: Name) => {
    try {
      told.seen[name] = await teller[name](laboratory);
    } catch (error) {
      told.failures[name] = error;
    }
  };
  if (laboratory.isReal) await Promise.all(STORY_NAMES.map(tell));
  else for (const name of STORY_NAMES) await tell(name);
  return told;
}
