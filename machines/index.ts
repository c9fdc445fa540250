export type { ConnectionContext, ConnectionInput } from './connection.context';
export {
  type ConnectionMachine,
  type ConnectionSnapshot,
  createConnectionMachine,
  type MachineOptions,
} from './connection.machine';
export type { ConnectionEvent, EnvironmentFact, PeerCommand, RemoteOffer, SignalingCommand } from './events';
export { ADVICE, type Cause, diagnose, type Evidence, type Failure, type FailureReason } from './failure';
export { type Announcement, type OutageEvent, outageMachine } from './outage.machine';
export { comparePlayerIds, isPlayerId, type PlayerId, type Role, roleOf } from './player-id';
export {
  type AttemptKind,
  type Browser,
  defaultPolicy,
  type Plan,
  type RecoveryInput,
  type RecoveryPolicy,
} from './recovery-policy';
export { type ConnectionState, type ConnectionStatus, stateOf, toStatus } from './status';
export { PRESETS, type Preset, type Timings } from './timings';
