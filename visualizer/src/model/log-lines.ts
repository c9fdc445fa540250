import { eventNameOf, type SessionRecord } from 'holdfast/inspect';
import type { Head } from './head';
import { outermost } from './history';
import { millisOf, pathInWords, percentOf, spaced, type Tone, toneOf } from './words';

/** The kinds of records by which the log can be filtered. */
export const GROUPS = [
  'states',
  'announcements',
  'signals',
  'path',
  'marks',
  'events',
  'commands',
  'samples',
] as const;
export type Group = (typeof GROUPS)[number];

/** The groups shown at first. */
export const DEFAULT_GROUPS: readonly Group[] = ['states', 'announcements', 'signals', 'path', 'marks'];

export function groupOf({ kind, from, to }: Pick<Head, 'kind' | 'from' | 'to'>): Group {
  switch (kind) {
    case 'session':
      return 'states';
    case 'transition':
      return from === to ? 'events' : 'states';
    case 'event':
      return 'events';
    case 'command':
      return 'commands';
    case 'announcement':
      return 'announcements';
    case 'signal':
      return 'signals';
    case 'path':
      return 'path';
    case 'sample':
      return 'samples';
    case 'mark':
      return 'marks';
  }
}

/** One record in one line. */
export interface LogLine {
  title: string;
  detail: string;
  tone: Tone | null;
}

const line = (title: string, detail: string, tone: Tone | null = null): LogLine => ({ title, detail, tone });

const ANNOUNCEMENT_TONES: Readonly<Record<string, Tone>> = {
  open: 'good',
  lost: 'warn',
  restored: 'good',
  close: 'bad',
  failed: 'bad',
  closed: 'off',
};

export function logLineOf(record: SessionRecord): LogLine {
  switch (record.kind) {
    case 'session':
      return line('session', `${record.label}, holdfast ${record.library}, ${record.input.browser}`);
    case 'event': {
      const { type, offer, silentForMs, evidence } = record.event;
      const facts = Object.entries(evidence ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
      if (silentForMs !== undefined) facts.push(`silent for ${millisOf(silentForMs)}`);
      if (offer !== undefined) facts.push(`offer ${offer}`);
      const to = record.machine === 'outage' ? 'outage, ' : '';
      return line(eventNameOf(type), [`${to}from ${record.from}`, ...facts].join('; '));
    }
    case 'transition': {
      const { event, from, to, machine } = record;
      const name = machine === 'outage' ? `outage: ${eventNameOf(event)}` : eventNameOf(event);
      if (from === to) return line(name, `stays ${spaced(to)}`);
      const tone = machine === 'connection' ? toneOf(outermost(to)) : null;
      return line(name, from ? `${spaced(from)} → ${spaced(to)}` : spaced(to), tone);
    }
    case 'command':
      return line(record.command.type, `command to ${record.to}`);
    case 'announcement': {
      const { type, reason } = record.announcement;
      const detail = reason ? `announced to the game: ${reason}` : 'announced to the game';
      return line(type, detail, ANNOUNCEMENT_TONES[type] ?? null);
    }
    case 'signal':
      return line(record.type, record.direction === 'in' ? 'signal received' : 'signal sent');
    case 'path':
      return line('path', pathInWords(record.path));
    case 'sample': {
      const { rttMs, jitterMs, loss, status } = record;
      const figures = [
        rttMs !== null && `round trip ${millisOf(rttMs)}`,
        jitterMs !== null && `jitter ${millisOf(jitterMs)}`,
        loss !== null && `loss ${percentOf(loss)}`,
      ].filter((figure) => figure !== false);
      return line(status, figures.join(', ') || 'nothing measured');
    }
    case 'mark':
      return line('mark', record.text);
  }
}

/** The text that a search looks through. */
export const textOf = (record: SessionRecord): string => {
  const { title, detail } = logLineOf(record);
  return `${record.kind} ${title} ${detail}`.toLowerCase();
};
