export {
  ADVICE,
  type Browser,
  type Cause,
  type ConnectionState,
  type ConnectionStatus,
  comparePlayerIds,
  defaultPolicy,
  type Evidence,
  type Failure,
  type FailureReason,
  type Plan,
  type PlayerId,
  PRESETS,
  type Preset,
  type RecoveryInput,
  type RecoveryPolicy,
  type Timings,
} from '../machines';
export { OptionError } from './controller/option-checks';
export type { ChannelOptions, IceServersOption, WebRTCManagerOptions } from './controller/options';
export type { Environment } from './environment/environment';
export { consoleLogger, type Logger, type LogLevel } from './log/logger';
export type { LostInfo, WebRTCManagerEvents } from './manager-events';
export type { SocketLike } from './signaling/socket-io-transport';
export { SignalError, type SignalRefusal } from './signaling/wire';
export {
  ConnectionQualityMonitor,
  type Degradation,
  type QualityChange,
  type QualityMetrics,
  type QualityMonitorOptions,
  type QualityStatus,
} from './stats/connection-quality-monitor';
export { type LatencySample, type LatencySummary, LatencyTelemetry } from './stats/latency-telemetry';
export type { PathInfo } from './stats/path';
export { WebRTCManager, WebRTCManager as default } from './webrtc-manager';
