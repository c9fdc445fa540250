export type { Id } from './ids';
export { consoleLogger, type LogFields, type RelayLogger } from './logger';
export type { RelayServerOptions } from './options';
export type { GameReady, Refusal, RefusalCode, Reply, ServerToClient } from './protocol';
export { DEFAULT_RATES, type Rate, type RateLimits } from './rate-limit';
export { logFileName, RESEARCH_LOG_SCHEMA_VERSION } from './research-log';
export { createRelayServer, type RelayServer, type RelayStats } from './server';
export type { TurnConfig, TurnOptions } from './turn';
