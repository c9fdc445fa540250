import {
  type ChannelOptions,
  type ConnectionState,
  type ConnectionStatus,
  type Degradation,
  type Failure,
  type FailureReason,
  type IceServersOption,
  type Logger,
  type LogLevel,
  type LostInfo,
  type PathInfo,
  type PlayerId,
  type QualityChange,
  type RecoveryPolicy,
  type SocketLike,
  WebRTCManager,
  type WebRTCManagerOptions,
} from 'holdfast';
import type { Socket } from 'socket.io-client';
import { describe, expectTypeOf, it } from 'vitest';

declare const manager: WebRTCManager;
declare const socket: Socket;
declare const typedSocket: Socket<{ greeted: (by: string) => void }, { greet: (whom: string) => void }>;

describe('the constructor', () => {
  it('takes a Socket.IO socket, ids of either type, and options or none', () => {
    expectTypeOf(WebRTCManager).toBeConstructibleWith(socket, 'game', 1);
    expectTypeOf(WebRTCManager).toBeConstructibleWith(socket, 7, 'player', {});
    expectTypeOf<Socket>().toExtend<SocketLike>();
    expectTypeOf<PlayerId>().toEqualTypeOf<string | number>();
  });

  it("takes a socket whose events are typed, as Socket.IO's manual shows, and a wrapper with three methods", () => {
    expectTypeOf(WebRTCManager).toBeConstructibleWith(typedSocket, 'game', 1);
    expectTypeOf<{
      on(event: string, listener: (...args: unknown[]) => void): void;
      off(event: string, listener: (...args: unknown[]) => void): void;
      emit(event: string, ...args: unknown[]): void;
    }>().toExtend<SocketLike>();
  });
});

describe('the options', () => {
  it('are all optional', () => {
    expectTypeOf<Record<never, never>>().toExtend<WebRTCManagerOptions>();
  });

  it('have the documented types', () => {
    expectTypeOf<WebRTCManagerOptions>()
      .toHaveProperty('preset')
      .toEqualTypeOf<'default' | 'rollback' | undefined>();
    expectTypeOf<WebRTCManagerOptions['iceServers']>().toEqualTypeOf<IceServersOption | undefined>();
    expectTypeOf<WebRTCManagerOptions['channel']>().toEqualTypeOf<ChannelOptions | undefined>();
    expectTypeOf<WebRTCManagerOptions['logger']>().toEqualTypeOf<Logger | LogLevel | undefined>();
    expectTypeOf<WebRTCManagerOptions['recovery']>().toEqualTypeOf<RecoveryPolicy | undefined>();
    expectTypeOf<WebRTCManagerOptions['turnUsername']>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<WebRTCManagerOptions['disconnectTimeoutMs']>().toEqualTypeOf<number | undefined>();
  });

  it('take the servers as an array or from a function', () => {
    expectTypeOf<RTCIceServer[]>().toExtend<IceServersOption>();
    expectTypeOf<() => RTCIceServer[]>().toExtend<IceServersOption>();
    expectTypeOf<() => Promise<RTCIceServer[]>>().toExtend<IceServersOption>();
    expectTypeOf<string>().not.toExtend<IceServersOption>();
  });

  it('refuse misspelt names and values', () => {
    // @ts-expect-error there is no such preset
    void ({ preset: 'fast' } satisfies WebRTCManagerOptions);
    // @ts-expect-error there is no such option
    void ({ connectTimeout: 5 } satisfies WebRTCManagerOptions);
  });
});

describe('the methods', () => {
  it('are those of upstream', () => {
    expectTypeOf(manager.connectToPeer).toEqualTypeOf<(peerId: PlayerId) => Promise<void>>();
    expectTypeOf(manager.attemptIceRestart).toEqualTypeOf<() => Promise<boolean>>();
    expectTypeOf(manager.getConnectionType).toEqualTypeOf<() => Promise<PathInfo | null>>();
    expectTypeOf(manager.isReady).toEqualTypeOf<() => boolean>();
    expectTypeOf(manager.isConnectionUsable).toEqualTypeOf<() => boolean>();
    expectTypeOf(manager.close).toEqualTypeOf<() => void>();
    expectTypeOf(manager.getConnectionState()).toEqualTypeOf<RTCPeerConnectionState | null>();
    expectTypeOf(manager._getIceServers).returns.toEqualTypeOf<RTCIceServer[]>();
  });

  it('send what a data channel can send', () => {
    expectTypeOf(manager.send).returns.toEqualTypeOf<boolean>();
    expectTypeOf(manager.send).parameter(0).toEqualTypeOf<string | ArrayBuffer | ArrayBufferView | Blob>();
    // @ts-expect-error an object is not a message
    manager.send({ type: 'ping' });
  });

  it('accept a signal of any shape, and let callers replace _sendSignal', () => {
    expectTypeOf(manager._handleSignal).parameter(0).toEqualTypeOf<unknown>();
    expectTypeOf<(type: string, payload: unknown) => void>().toExtend<typeof manager._sendSignal>();
  });
});

describe('the fields', () => {
  it('are those that callers read', () => {
    expectTypeOf(manager.state).toEqualTypeOf<ConnectionState>();
    expectTypeOf(manager.peerConnection).toEqualTypeOf<RTCPeerConnection | null>();
    expectTypeOf(manager.dataChannel).toEqualTypeOf<RTCDataChannel | null>();
    expectTypeOf(manager.connectionType).toEqualTypeOf<PathInfo | null>();
    expectTypeOf(manager.targetPeerId).toEqualTypeOf<PlayerId | null>();
    expectTypeOf(manager.iceRestartAttempts).toEqualTypeOf<number>();
  });

  it('name seven states', () => {
    expectTypeOf<ConnectionState>().toEqualTypeOf<
      'new' | 'checking' | 'connected' | 'disconnected' | 'restarting' | 'failed' | 'closed'
    >();
  });
});

describe('the callbacks', () => {
  it('may be null, or a function that ignores its arguments', () => {
    expectTypeOf<null>().toExtend<typeof manager.onConnectionFailed>();
    expectTypeOf<() => void>().toExtend<typeof manager.onConnectionFailed>();
    expectTypeOf<() => Promise<void>>().toExtend<typeof manager.onConnectionLost>();
  });

  it('get what upstream passes, and why a link failed', () => {
    expectTypeOf<NonNullable<typeof manager.onConnectionLost>>().parameters.toEqualTypeOf<[LostInfo]>();
    expectTypeOf<NonNullable<typeof manager.onConnectionFailed>>().parameter(0).toEqualTypeOf<Failure>();
    expectTypeOf<NonNullable<typeof manager.onConnectionTypeDetected>>()
      .parameter(0)
      .toEqualTypeOf<PathInfo>();
    expectTypeOf<NonNullable<typeof manager.onQualityDegraded>>().parameter(0).toEqualTypeOf<Degradation>();
    expectTypeOf<NonNullable<typeof manager.onDataChannelMessage>>().parameter(0).toEqualTypeOf<unknown>();
  });
});

describe('the events', () => {
  it('pass each listener its own payload, and return a function that removes the listener', () => {
    expectTypeOf(manager.on('open', () => {})).toEqualTypeOf<() => void>();
    manager.on('message', (data) => expectTypeOf(data).toEqualTypeOf<unknown>());
    manager.on('failed', (failure) => expectTypeOf(failure).toEqualTypeOf<Failure>());
    manager.on('closed', (end) => expectTypeOf(end).toEqualTypeOf<{ reason: 'peer-left' }>());
    manager.on('lost', (info) => expectTypeOf(info).toEqualTypeOf<LostInfo>());
    manager.on('path', (path) => expectTypeOf(path).toEqualTypeOf<PathInfo>());
    manager.on('quality', (change) => expectTypeOf(change).toEqualTypeOf<QualityChange>());
    manager.on('state', (status) => {
      expectTypeOf(status).toEqualTypeOf<ConnectionStatus & { previous: ConnectionState }>();
    });
    // @ts-expect-error there is no such event
    manager.on('reconnected', () => {});
  });
});

describe('the payloads', () => {
  it('say direct or relay, never anything else', () => {
    expectTypeOf<PathInfo['connectionType']>().toEqualTypeOf<'direct' | 'relay'>();
    expectTypeOf<PathInfo['relayProtocol']>().toEqualTypeOf<string | null>();
  });

  it('allow an unknown round trip in a change of quality, but not in a degradation', () => {
    expectTypeOf<QualityChange['rtt']>().toEqualTypeOf<number | null>();
    expectTypeOf<QualityChange['status']>().toEqualTypeOf<'good' | 'warning' | 'critical'>();
    expectTypeOf<Degradation['status']>().toEqualTypeOf<'warning' | 'critical'>();
    expectTypeOf<Degradation['rtt']>().toEqualTypeOf<number>();
  });

  it('name each reason of a failure', () => {
    expectTypeOf<Failure['reason']>().toEqualTypeOf<FailureReason>();
    expectTypeOf<FailureReason>().toEqualTypeOf<
      | 'connect-timeout'
      | 'no-candidates'
      | 'no-relay'
      | 'turn-auth'
      | 'signaling-lost'
      | 'peer-silent'
      | 'peer-left'
      | 'channel-closed'
      | 'restarts-exhausted'
      | 'budget-spent'
    >();
  });
});
