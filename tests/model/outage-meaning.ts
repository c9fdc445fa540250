import type { Meaning } from './chart-model';

export interface OutageContext {
  graceMs: number;
  isAsked: boolean;
}

export const outageMeaning: Meaning<OutageContext> = {
  guards: { isAsked: ({ context }) => context.isAsked },
  keeps: {
    asked: ({ context }) => ({ ...context, isAsked: true }),
    answered: ({ context }) => ({ ...context, isAsked: false }),
  },
  delays: { disconnectGrace: ({ context }) => context.graceMs },
};
