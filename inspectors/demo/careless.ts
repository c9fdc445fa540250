import {
  assign,
  createActor,
  createMachine,
  fromCallback,
  type InspectionEvent,
  type Observer,
} from 'xstate';
import { CANDIDATE, ICE_SERVERS, SDP, SECRETS } from './secrets';

/** A machine like one that a game may have besides the link, with secrets in its definition, context, events, inputs and errors. */
const carelessMachine = createMachine({
  id: 'careless',
  types: {} as { events: { type: 'fetched'; [member: string]: unknown } | { type: 'tick'; count: number } },
  description: `asks ${SECRETS.address} for its servers`,
  context: { heard: 0, iceServers: ICE_SERVERS, offer: SDP, lines: [`a=${CANDIDATE}`], seen: [SECRETS.mdns] },
  invoke: [
    { id: 'fetcher', src: fromCallback(() => {}), input: { url: '/ice-servers', iceServers: ICE_SERVERS } },
    {
      id: 'inner',
      src: createMachine({ id: 'inner', context: ({ input }) => ({ input }) }),
      input: { sdp: SDP },
    },
  ],
  initial: 'waiting',
  states: {
    waiting: {
      on: { fetched: { target: 'served' }, tick: { actions: assign({ heard: ({ event }) => event.count }) } },
    },
    served: {
      meta: { turn: ICE_SERVERS[0] },
      on: { tick: { actions: assign({ heard: ({ event }) => event.count }) } },
    },
  },
});

export interface Careless {
  /** Receives an event full of secrets. */
  fetch(): void;
  /** Receives `count` events at once. */
  flood(count: number): void;
}

export function startCareless(inspect: Observer<InspectionEvent>): Careless {
  const actor = createActor(carelessMachine, { inspect });
  actor.start();
  const fetch = () =>
    actor.send({
      type: 'fetched',
      iceServers: ICE_SERVERS,
      body: JSON.stringify({ iceServers: ICE_SERVERS }),
      error: new Error(`no answer from ${SECRETS.address}: ${SDP}`),
      from: SECRETS.address6,
      [SECRETS.address]: 'a member named by an address',
    });
  return {
    fetch,
    flood(count) {
      for (let each = 1; each <= count; each += 1) actor.send({ type: 'tick', count: each });
    },
  };
}
