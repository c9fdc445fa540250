import { createBrowserReceiver } from '@statelyai/inspect';
import { chartIn, lineOf, parse, standingOf } from '../view/protocol';
import { Viewer } from '../view/viewer';

const viewer = new Viewer();
const { watched } = viewer;

function listen(): void {
  createBrowserReceiver().subscribe((event) => {
    const { sessionId } = event;
    const atMs = Number(event.createdAt);
    if (event.type === '@xstate.actor') {
      const { name, parentId = null, definition } = event;
      watched.register({ sessionId, parentId, name, chart: chartIn(parse(definition)), allowed: [] });
    }
    if (event.type === '@xstate.event') {
      const { sourceId } = event;
      const sender = sourceId === undefined ? '' : (watched.actors.get(sourceId)?.name ?? sourceId);
      watched.receive(sessionId, lineOf(atMs, event.event, sender));
    } else watched.moveTo(sessionId, atMs, standingOf(event.snapshot));
    viewer.changed();
  });
}

// The inspector knows its target frame only once that has loaded, so an earlier greeting would get no answer.
addEventListener('load', () => setTimeout(listen));
