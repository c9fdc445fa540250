import { createHmac } from 'node:crypto';

import type { Id } from './ids';

/** Fixed credentials, or the secret of coturn's `use-auth-secret`, from which short-lived ones are minted. */
export type TurnOptions = { readonly urls?: readonly string[]; readonly forceRelay?: boolean } & (
  | { readonly username: string; readonly credential: string }
  | { readonly secret: string; readonly ttlS?: number }
);

/** Longer than a session, because upstream's client cannot ask for fresh credentials. */
const DEFAULT_TURN_TTL_S = 4 * 60 * 60;

/** `urls` and `expires_at` (Unix seconds) are additions to upstream's three members. */
export interface TurnConfig {
  readonly username: string;
  readonly credential: string;
  readonly force_relay: boolean;
  readonly urls?: readonly string[];
  readonly expires_at?: number;
}

export function mintTurnConfig(turn: TurnOptions, gameId: Id, playerId: Id, nowMs: number): TurnConfig {
  const common = {
    force_relay: turn.forceRelay ?? false,
    ...(turn.urls === undefined ? {} : { urls: turn.urls }),
  };
  if (!('secret' in turn)) return { username: turn.username, credential: turn.credential, ...common };
  const expiresAt = Math.floor(nowMs / 1000) + (turn.ttlS ?? DEFAULT_TURN_TTL_S);
  const username = `${expiresAt}:${userPart(gameId)}.${userPart(playerId)}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return { username, credential, ...common, expires_at: expiresAt };
}

// coturn splits the username at colons, and long names do not fit its tables.
const userPart = (id: Id): string =>
  String(id)
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, 32);
