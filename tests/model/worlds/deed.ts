import fc from 'fast-check';
import type { Page } from '../../../src/testing/fake-network';
import { otherOf, type Universe } from './universe';

/** All that a command has to know of a world: who is there. */
export interface Model {
  isHere(page: Page): boolean;
  /** Whether it is there, and its code runs. */
  isAwake(page: Page): boolean;
  isUpstream(page: Page): boolean;
}

export interface Deed {
  name: string;
  /** Who does it. */
  page?: Page;
  isPossible?(model: Model): boolean;
  act(universe: Universe): void | Promise<void>;
}

/** Upstream keeps its one connection, even if a new one is offered to it. */
export const keepsUp = (page: Page) => (model: Model) => !model.isUpstream(otherOf(page));

export const page = fc.constantFrom<Page>(0, 1);
export const ms = (min: number, max: number) => fc.integer({ min, max });

export const weighed = <Value>(...arbitraries: [weight: number, fc.Arbitrary<Value>][]) =>
  fc.oneof(...arbitraries.map(([weight, arbitrary]) => ({ weight, arbitrary })));
