import type { SessionRecord } from './records';

/** One record per line; an empty string if there are none. */
export const toNdjson = (records: readonly SessionRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** The columns of the CSV, in order. docs/RECORDS.md describes each. */
export const CSV_COLUMNS = [
  'link',
  'seq',
  'at_ms',
  'wall_time',
  'kind',
  'machine',
  'event',
  'from',
  'to',
  'attempts',
  'reason',
  'detail',
  'rtt_ms',
  'jitter_ms',
  'loss',
  'status',
] as const;

type Column = (typeof CSV_COLUMNS)[number];
type Row = Partial<Record<Column, string | number | null>>;

/** Prefixes a text that a spreadsheet would take for a formula. */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV as in RFC 4180, with a header line. */
export function toCsv(records: readonly SessionRecord[]): string {
  const lines = records.map((record) => {
    const { link, seq, atMs: at_ms, wallMs, kind } = record;
    const head: Row = { link, seq, at_ms, wall_time: new Date(wallMs).toISOString(), kind };
    const row: Row = { ...head, ...rowOf(record) };
    return CSV_COLUMNS.map((column) => cell(row[column])).join(',');
  });
  return [CSV_COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

function rowOf(record: SessionRecord): Row {
  switch (record.kind) {
    case 'session':
      return { detail: `${record.label}, holdfast ${record.library}, ${record.policy} policy` };
    case 'event':
      return {
        machine: record.machine,
        event: record.event.type,
        from: record.from,
        reason: record.event.failure?.reason ?? null,
      };
    case 'transition':
      return {
        machine: record.machine,
        event: record.event,
        from: record.from,
        to: record.to,
        ...('attempts' in record.context && {
          attempts: record.context.attempts,
          reason: record.context.failure?.reason ?? null,
          detail: record.context.plan?.kind ?? null,
        }),
      };
    case 'command':
      return { to: record.to, event: record.command.type };
    case 'announcement':
      return { event: record.announcement.type, reason: record.announcement.reason ?? null };
    case 'signal':
      return { event: record.type, detail: record.direction };
    case 'path':
      return { detail: describePath(record.path) };
    case 'sample':
      return {
        rtt_ms: record.rttMs,
        jitter_ms: record.jitterMs,
        loss: record.loss,
        status: record.status,
      };
    case 'mark':
      return { detail: record.text };
  }
}

function describePath(path: Extract<SessionRecord, { kind: 'path' }>['path']): string {
  if (!path) return 'unknown';
  const { connectionType, localCandidateType, remoteCandidateType, localProtocol, relayProtocol } = path;
  const protocols = [localProtocol, relayProtocol && `relay ${relayProtocol}`].filter(Boolean).join(', ');
  return `${connectionType} ${localCandidateType}-${remoteCandidateType}${protocols && ` (${protocols})`}`;
}
