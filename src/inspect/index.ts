export type { WatchedManager } from './attach';
export { type BroadcastOptions, broadcast, type ChannelLike, channelPort } from './broadcast';
export { type Delay, delayOf, eventNameOf, pathOf } from './definition';
export {
  type ByeMessage,
  type ControlEvent,
  type ControlMessage,
  type HelloMessage,
  INSPECT_CHANNEL,
  type InspectMessage,
  lockNameOf,
  type RecordsMessage,
} from './envelope';
export { CSV_COLUMNS, toCsv, toNdjson } from './export';
export { type ConnectionDetails, type LinkReport, reportOf } from './link-report';
export { type Outage, type OutageAttempt, OutageReader, outagesOf } from './outages';
export { parseNdjson, parseRecord } from './parse';
export { parseMessage } from './parse-message';
export { createRecorder, type Recorder, type RecorderOptions, type RecorderWorld } from './recorder';
export {
  type AnnouncementBody,
  type ArrowDefinition,
  type CommandBody,
  type EventBody,
  type EventSource,
  type EventSummary,
  type MachineDefinition,
  type MachineName,
  type MarkBody,
  type PathBody,
  RECORD_VERSION,
  type RecordBody,
  type RecordedContext,
  type RecordHead,
  type RecordKind,
  type RecordOf,
  type RunningTimer,
  type SampleBody,
  type SessionBody,
  type SessionRecord,
  type SignalBody,
  type StateDefinition,
  type TakenArrow,
  type TransitionBody,
} from './records';
export { RELAY_EVENT, type RelayOptions, relay } from './relay';
export { type Divergence, replay } from './replay';
export type { Control, InspectPort } from './source';
export {
  type StatelyInspector,
  type StatelyObserver,
  type StatelyOptions,
  scrubStately,
  statelyInspect,
} from './stately';
export type { StatelyBody, StatelyEvent, StatelySnapshot } from './stately-event';
