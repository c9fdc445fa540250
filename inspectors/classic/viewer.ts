import { createWindowReceiver } from '@xstate/inspect';
import { toSCXMLEvent } from 'xstate';
import { isRecord } from '../view/chart';
import { chartIn, lineOf, standingOf } from '../view/protocol';
import { Viewer } from '../view/viewer';
import type { ClassicMeta } from './src/classic-service';

const receiver = createWindowReceiver();
const viewer = new Viewer({
  send({ sessionId }, type) {
    const event = JSON.stringify(toSCXMLEvent({ type }, { origin: sessionId }));
    receiver.send({ type: 'xstate.event', event, service: sessionId });
  },
});
const { watched } = viewer;

/** The machines of a page that uses the inspector without our bridge have no such metadata. */
function metaOf(meta: unknown, id: string): ClassicMeta {
  const { name, parent, allowed } = isRecord(meta) ? meta : {};
  return {
    name: typeof name === 'string' ? name : id,
    parent: typeof parent === 'string' ? parent : null,
    allowed: Array.isArray(allowed) ? allowed.filter((type) => typeof type === 'string') : [],
  };
}

receiver.subscribe((event) => {
  const { sessionId } = event;
  // The protocol has no timestamps, so use the time of arrival.
  const atMs = Date.now();
  if (event.type === 'service.register') {
    const { name, parent, allowed } = metaOf(event.machine.meta, event.machine.id);
    const chart = chartIn(event.machine.config);
    watched.register({ sessionId, parentId: parent, name, chart, allowed });
  }
  if (event.type === 'service.event') {
    const { data, origin = '' } = event.event;
    watched.receive(sessionId, lineOf(atMs, data, watched.actors.get(origin)?.name ?? origin));
  } else if (event.type === 'service.stop') watched.stop(sessionId);
  else watched.moveTo(sessionId, atMs, standingOf(event.state));
  viewer.changed();
});
