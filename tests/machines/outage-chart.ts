import type { Chart } from './chart';

export const outageChart: Chart = {
  entries: {},
  exits: {},
  states: { unborn: [], opened: [], none: [], pending: [], told: [], over: [], reopened: [], gone: [] },
  invokes: [],
  final: ['gone'],
  rows: [
    // before the first link: of an outage only `failed` is announced, and `restored` if the game asked
    { from: 'unborn', on: 'opened', to: 'opened', announces: ['open'] },
    {
      from: 'unborn',
      on: 'up',
      guard: 'isAsked',
      to: 'none',
      announces: ['open', 'restored'],
      keeps: ['answered'],
    },
    { from: 'unborn', on: 'up', guard: 'else', to: 'none', announces: ['open'] },
    { from: 'unborn', on: 'failed', to: 'over', announces: ['failed'], keeps: ['answered'] },
    { from: 'unborn', on: 'left', to: 'gone', announces: ['failed', 'closed'] },
    { from: 'opened', on: 'up', guard: 'isAsked', to: 'none', announces: ['restored'], keeps: ['answered'] },
    { from: 'opened', on: 'up', guard: 'else', to: 'none' },
    {
      from: ['opened', 'none', 'pending', 'told', 'reopened'],
      on: 'failed',
      to: 'over',
      announces: ['close', 'failed'],
      keeps: ['answered'],
    },
    {
      from: ['opened', 'told', 'reopened'],
      on: 'left',
      to: 'gone',
      announces: ['close', 'failed', 'closed'],
    },

    // an outage: pending during the grace, then told
    { from: 'none', on: 'suspect', to: 'pending' },
    { from: 'none', on: 'up', guard: 'isAsked', announces: ['restored'], keeps: ['answered'] },
    { from: 'pending', on: 'after disconnectGrace', to: 'told', announces: ['lost'] },
    { from: 'pending', on: 'up', guard: 'isAsked', to: 'none', announces: ['restored'], keeps: ['answered'] },
    { from: 'pending', on: 'up', guard: 'else', to: 'none', note: 'a blip heals silently' },
    { from: 'told', on: 'up', to: 'none', announces: ['restored'], keeps: ['answered'] },
    {
      from: ['none', 'pending'],
      on: 'left',
      guard: 'isAsked',
      to: 'gone',
      announces: ['close', 'failed', 'closed'],
    },
    { from: ['none', 'pending'], on: 'left', guard: 'else', to: 'gone', announces: ['close', 'closed'] },

    // after a failed link
    { from: 'over', on: 'opened', to: 'reopened', announces: ['open'] },
    { from: 'over', on: 'up', to: 'none', announces: ['open', 'restored'], keeps: ['answered'] },
    {
      from: 'over',
      on: 'failed',
      guard: 'isAsked',
      announces: ['failed'],
      keeps: ['answered'],
      note: 'otherwise it was announced already',
    },
    { from: 'over', on: 'left', guard: 'isAsked', to: 'gone', announces: ['failed', 'closed'] },
    { from: 'over', on: 'left', guard: 'else', to: 'gone', announces: ['closed'] },
    { from: 'reopened', on: 'up', to: 'none', announces: ['restored'], keeps: ['answered'] },

    {
      from: ['unborn', 'opened', 'none', 'pending', 'told', 'over', 'reopened'],
      on: 'asked',
      keeps: ['asked'],
    },
  ],
};
